// Calls to one address over kept connections, each with one deadline for the whole exchange.

#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "CThrift.h"
#include "MemoryBudget.h"
#include "MessageWalker.h"
#include "Sockets.h"
#include "Stream.h"
#include "TLSKeys.h"

namespace wire {

/// A call that did not get its answer.
struct CallFailure {
    int32_t code = callOther;
    bool mayHaveRun = false;
    /// The peer had closed the kept connection before it saw anything: a new one deserves a try.
    bool wasStale = false;
    std::string message;
};

class Channel {
public:
    Channel(std::string host, int32_t port, const ClientOptions& options);

    const ClientOptions& options() const { return options_; }
    const WalkLimits& replyLimits() const { return replyLimits_; }
    MemoryBudget& budget() { return budget_; }

    struct Lease {
        Stream stream;
        bool isKept = false;
    };
    /// A kept connection that still looks alive, or a new one (`fresh`: always a new one).
    bool lease(bool fresh, int64_t deadline, Lease& out, CallFailure& failure);
    /// Keeps the connection for the next call; only after a whole answer and nothing else.
    void giveBack(Stream stream);

    /// Ends every call that is out, as if the peer had closed its connection, and the kept connections. No later call reaches
    /// the peer: each fails the same way, at once.
    void abandon();
    bool isAbandoned();
    /// The socket of a call that is out, from its first byte until `gone`, which comes before it is closed.
    void out(int socket);
    void gone(int socket);

private:
    Stream popIdle();
    bool greet(Stream& stream, int64_t deadline, CallFailure& failure);
    bool failToConnect(CallFailure& failure, bool isTimeout, std::string message);

    const std::string host_;
    const int32_t port_;
    const ClientOptions options_;
    const std::shared_ptr<TLSKeys> keys_;
    const WalkLimits replyLimits_;
    /// Bounds one reply each; calls to one peer are few.
    MemoryBudget budget_;
    std::mutex mutex_;
    std::vector<Stream> idle_;
    std::vector<int> out_;
    bool isAbandoned_ = false;
};

/// One exchange on one connection.
class Exchange {
public:
    Exchange(Channel& channel, Channel::Lease lease, int64_t deadline);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Waits asleep from the first: for answers that take their time.
    void sleepAtOnce() { looksFirst_ = false; }
    bool send(const void* bytes, size_t count, CallFailure& failure);
    /// Reads the answer whole; its bytes are valid while the exchange lives.
    bool receive(CallFailure& failure);
    uint8_t* reply() { return buffer_.data() + begin_; }
    size_t replySize() const { return walker_.position(); }
    /// After `receive`: to the next answer, which has to be there by this deadline.
    void next(int64_t deadline);
    /// After the last `receive`: the connection goes back to the channel, unless more came than was asked for.
    void keep();

private:
    bool awaitBytes();
    bool isPlainRefusal();
    bool failRefused(CallFailure& failure, std::string message);
    bool failBroken(CallFailure& failure, const char* what);
    bool fail(CallFailure& failure, int32_t code, std::string message);

    Channel& channel_;
    Channel::Lease lease_;
    int64_t deadline_;
    bool looksFirst_ = true;
    /// Bytes of answers that were read before this one.
    size_t begin_ = 0;
    MessageWalker walker_;
    MessageBuffer buffer_;
    size_t sent_ = 0;
};

}  // namespace wire
