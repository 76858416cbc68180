#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "Server.h"

namespace wire {

namespace {

constexpr int tickMs = 100;

/// Out of descriptors: an idle connection makes room; without one, the reserve lets the waiting peer be turned away
/// instead of the listener staying readable for ever.
void makeRoom(ServerCore& core) {
    if (core.connections->shedOne()) {
        core.shed += 1;
        core.logSeldom(2, "out of file descriptors: closed the longest idle connection; raise the limit (ulimit -n)");
        return;
    }
    core.reserve.reset();
    Descriptor turnedAway(accept4(core.listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    turnedAway.reset();
    core.reserve.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    core.refusedConnections += 1;
    core.logSeldom(3, "out of file descriptors: turned a connection away; raise the limit (ulimit -n)");
}

void admit(ServerCore& core, Descriptor socket, const sockaddr_storage& address) {
    std::string peer = addressText(address);
    if (core.options.admits && !core.options.admits(core.options.context, peer.c_str())) {
        core.refusedCallers += 1;
        core.logRefusal(core.callersLine, "turned " + peer + " away: it is not of allowed_hosts; if it belongs to the "
                                          "cluster, add its network there");
        return;
    }
    tuneConnection(socket.get());
    std::string error;
    int64_t deadline = now() + core.options.idleLimitMs * 1000000;
    switch (core.connections->admit(std::move(socket), std::move(peer), deadline, error)) {
    case ConnectionTable::Admission::admitted: core.accepted += 1; break;
    case ConnectionTable::Admission::admittedByShedding:
        core.accepted += 1;
        core.shed += 1;
        core.logSeldom(2, "connection limit " + std::to_string(core.options.maxConnections) +
                              " reached: closed the longest idle one");
        break;
    case ConnectionTable::Admission::refused:
        core.refusedConnections += 1;
        core.logSeldom(2, "turned a connection away: " + error);
        break;
    }
}

/// Takes what waits; false: pause, the system is short of something.
bool acceptWaiting(ServerCore& core) {
    for (int turn = 0; turn < 64; turn++) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        Descriptor socket(accept4(core.listener.get(), reinterpret_cast<sockaddr*>(&address), &size,
                                  SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket) {
            admit(core, std::move(socket), address);
            continue;
        }
        switch (errno) {
        case EAGAIN: return true;
        case EINTR:
        case ECONNABORTED: break;
        case EMFILE:
        case ENFILE: makeRoom(core); break;
        default:
            core.logSeldom(3, "can't accept: " + errorText(errno));
            return false;
        }
    }
    return true;
}

}  // namespace

void runAcceptor(ServerCore& core) {
    int64_t nextSweep = 0;
    bool isPaused = false;
    while (!core.isStopping) {
        pollfd waiting[2] = {{core.stopping.get(), POLLIN, 0}, {core.listener.get(), POLLIN, 0}};
        poll(waiting, isPaused ? 1 : 2, tickMs);
        isPaused = false;
        // An exception here is memory running out: drop what was being done, and go on.
        try {
            if (waiting[1].revents) isPaused = !acceptWaiting(core);
            int64_t time = now();
            if (time < nextSweep) continue;
            nextSweep = time + tickMs * 1000000 / 2;
            int closed = core.connections->closeExpired(time);
            if (closed > 0) {
                core.timedOut += closed;
                core.logSeldom(2, "closed " + std::to_string(closed) + " connections that were over their deadline");
            }
            core.resumeReports();
        } catch (const std::exception& error) {
            core.logSeldom(3, std::string("while accepting: ") + error.what());
            isPaused = true;
        }
    }
    core.connections->closeWaiting();
}

}  // namespace wire
