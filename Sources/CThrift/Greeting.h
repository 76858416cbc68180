// How a new connection speaks, TLS or plain, before its first message.

#pragma once

#include "Connection.h"

namespace wire {

class ServerCore;

/// Until it is known how the peer speaks: the TLS handshake, and the end of one that was refused. It holds no thread, and ends at
/// the deadline of a message.
struct Greeting {
    Greeting(MemoryBudget& budget, int64_t deadline) : deadline(deadline), share(budget) {}
    /// About what OpenSSL keeps meanwhile.
    static constexpr int64_t bytes = 64 << 10;

    int64_t deadline;
    BudgetShare share;
    /// What still comes is passed over until the peer ends: closed over unread bytes, it might never read why.
    bool isRefused = false;
};

enum class Greeted { yes, waitsForFirstByte, waits, closes };
/// As far as it goes with what has come.
Greeted greet(ServerCore& core, Connection& connection);

}  // namespace wire
