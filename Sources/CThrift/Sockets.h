// The few socket calls that server and client share. None raises SIGPIPE; all descriptors are close-on-exec.

#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace wire {

/// Owns a descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.take()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.take());
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int take() {
        int fd = fd_;
        fd_ = -1;
        return fd;
    }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

/// Nanoseconds of the monotonic clock.
int64_t now();

/// The text of an errno value; thread-safe.
std::string errorText(int code);

/// A non-blocking listener on a numeric address; an invalid descriptor and `error` when it can't be.
Descriptor listenOn(const std::string& address, int32_t port, std::string& error);
int32_t boundPort(int fd);

enum class ConnectResult { connected, timedOut, failed };

/// A non-blocking connection to any of the host's addresses, tried in turn until `deadline`.
ConnectResult connectTo(const std::string& host, int32_t port, int64_t deadline, Descriptor& out, std::string& error);

/// Waits until the socket is readable (or writable); false when `deadline` passed first.
bool waitFor(int fd, short events, int64_t deadline);

/// The numeric address of a socket's other end; what is IPv4 in IPv6's clothes (::ffff:…) is written as IPv4.
std::string addressText(const sockaddr_storage& address);

/// TCP_NODELAY and keep-alive.
void tuneConnection(int fd);

}  // namespace wire
