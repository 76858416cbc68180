#include "Greeting.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "Server.h"

namespace wire {

namespace {

constexpr uint8_t tlsHandshakeRecord = 0x16;
/// For how long the end of a refused greeting waits for the peer's.
constexpr int64_t refusalNanoseconds = 1000000000;

void logClosed(ServerCore& core, const Connection& connection, const std::string& why) {
    core.logRefusal(core.handshakeLine, "closed a connection from " + connection.peer + ": " + why);
}

/// Nothing more is taken. The peer learns it by our end, and its own closes the connection.
Greeted refuse(Connection& connection) {
    connection.greeting->isRefused = true;
    connection.greeting->deadline = std::min(connection.greeting->deadline, now() + refusalNanoseconds);
    shutdown(connection.stream.socket(), SHUT_WR);
    return Greeted::waits;
}

Greeted passOver(Connection& connection) {
    uint8_t scratch[4096];
    for (int turn = 0; turn < 16; turn++) {
        ssize_t count = recv(connection.stream.socket(), scratch, sizeof scratch, MSG_DONTWAIT);
        if (count == 0) return Greeted::closes;
        if (count < 0 && errno != EINTR) return errno == EAGAIN ? Greeted::waits : Greeted::closes;
    }
    return Greeted::waits;
}

/// A client of ours that is told this way says what is wrong: TLS' alert "protocol version".
Greeted refusePlain(ServerCore& core, Connection& connection) {
    static const uint8_t alert[] = {0x15, 0x03, 0x03, 0, 2, 2, 70};
    core.refusedPlain += 1;
    core.logRefusal(core.plainLine, "refused " + connection.peer + ": it speaks without TLS, which alone is taken on this port; "
                                    "switch TLS on over there, or let this side take both meanwhile");
    if (send(connection.stream.socket(), alert, sizeof alert, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return Greeted::closes;
    return refuse(connection);
}

Greeted shake(ServerCore& core, Connection& connection) {
    switch (connection.stream.shake()) {
    case Stream::Handshake::waits: return Greeted::waits;
    case Stream::Handshake::done:
        core.handshakes += 1;
        connection.greeting.reset();
        connection.isGreeted = true;
        return Greeted::yes;
    case Stream::Handshake::failed: break;
    }
    core.failedHandshakes += 1;
    logClosed(core, connection, connection.stream.problem());
    return refuse(connection);
}

/// The first byte says who it is.
Greeted meet(ServerCore& core, Connection& connection) {
    uint8_t first;
    ssize_t count = recv(connection.stream.socket(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 0) return Greeted::closes;
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Greeted::waitsForFirstByte : Greeted::closes;
    bool isTLS = first == tlsHandshakeRecord;
    if (!isTLS && core.options.tlsMode == tlsBoth) {
        connection.isGreeted = true;
        return Greeted::yes;
    }
    connection.greeting = std::make_unique<Greeting>(core.budget, now() + core.options.messageDeadlineMs * 1000000);
    if (!isTLS) return refusePlain(core, connection);
    std::shared_ptr<SSL_CTX> keys = core.keys->forServing();
    if (!connection.greeting->share.take(Greeting::bytes) ||
        !connection.stream.accept(keys.get(), core.options.requiresCertificate)) {
        core.failedHandshakes += 1;
        logClosed(core, connection, "no memory left for a TLS handshake");
        return Greeted::closes;
    }
    return shake(core, connection);
}

}  // namespace

Greeted greet(ServerCore& core, Connection& connection) {
    if (!core.keys) {
        connection.isGreeted = true;
        return Greeted::yes;
    }
    if (!connection.greeting) return meet(core, connection);
    return connection.greeting->isRefused ? passOver(connection) : shake(core, connection);
}

}  // namespace wire
