#include "Sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "NameLookup.h"

namespace wire {

void Descriptor::reset(int fd) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
}

int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
}

std::string errorText(int code) {
    char buffer[128];
    return strerror_r(code, buffer, sizeof buffer);
}

namespace {

ConnectResult connectOne(const addrinfo& address, int64_t deadline, Descriptor& out, std::string& error) {
    Descriptor fd(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
        error = errorText(errno);
        return ConnectResult::failed;
    }
    tuneConnection(fd.get());
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) {
            error = errorText(errno);
            return ConnectResult::failed;
        }
        if (!waitFor(fd.get(), POLLOUT, deadline)) return ConnectResult::timedOut;
        int code = 0;
        socklen_t size = sizeof code;
        getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &code, &size);
        if (code != 0) {
            error = errorText(code);
            return ConnectResult::failed;
        }
    }
    out = std::move(fd);
    return ConnectResult::connected;
}

}  // namespace

Descriptor listenOn(const std::string& address, int32_t port, std::string& error) {
    AddressList list;
    if (!parseNumeric(address, port, AI_PASSIVE, list, error)) return {};
    Descriptor fd(socket(list.first->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    int on = 1;
    if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd.get(), list.first->ai_addr, list.first->ai_addrlen) != 0 || listen(fd.get(), 1024) != 0) {
        error = "can't listen on " + address + ":" + std::to_string(port) + ": " + errorText(errno);
        return {};
    }
    return fd;
}

int32_t boundPort(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

ConnectResult connectTo(const std::string& host, int32_t port, int64_t deadline, Descriptor& out, std::string& error) {
    AddressList list;
    switch (lookUp(host, port, deadline, list, error)) {
    case LookupResult::found: break;
    case LookupResult::timedOut: return ConnectResult::timedOut;
    case LookupResult::failed: return ConnectResult::failed;
    }
    ConnectResult result = ConnectResult::failed;
    int64_t left = 0;
    for (const addrinfo* each = list.first; each; each = each->ai_next) left++;
    for (const addrinfo* each = list.first; each; each = each->ai_next) {
        // An address that does not answer leaves the others their share of the time.
        int64_t start = now();
        result = connectOne(*each, start + std::max<int64_t>(deadline - start, 0) / left--, out, error);
        if (result == ConnectResult::connected) break;
    }
    return result;
}

bool waitFor(int fd, short events, int64_t deadline) {
    while (true) {
        int64_t left = deadline - now();
        if (left <= 0) return false;
        pollfd waiting{fd, events, 0};
        int64_t milliseconds = std::min<int64_t>((left + 999999) / 1000000, 1000000);
        int ready = poll(&waiting, 1, static_cast<int>(milliseconds));
        // An error of the socket counts as ready: the call that follows tells it.
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    }
}

std::string addressText(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = "unknown";
    if (address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
    } else if (address.ss_family == AF_INET6) {
        const in6_addr& bytes = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
            inet_ntop(AF_INET, bytes.s6_addr + 12, text, sizeof text);
        } else {
            inet_ntop(AF_INET6, &bytes, text, sizeof text);
        }
    }
    return text;
}

void tuneConnection(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace wire
