// Waiting on the CPU for a peer that is about to send.
//
// A sleeping thread takes some 50 µs to wake when its processor has gone idle, more than a whole call on one host. So a
// thread that just served or asked a quick peer looks for its next bytes a little longer before it sleeps. What bounds
// it: only right after traffic, some 100 µs at a time, one thread a pair of processors, and seldom with a peer
// that let it wait in vain. A process without traffic spends nothing.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

namespace wire {

/// How quick one peer has been, as far as it tells whether to spin for it.
class PeerPace {
public:
    /// Asked once before each wait.
    bool isWorthASpin() {
        if (rest_ > 0) {
            rest_ -= 1;
            return false;
        }
        return lastWait_ <= quickNanoseconds;
    }
    /// The peer let wait for so long, slept or spun.
    void waited(int64_t nanoseconds) { lastWait_ = nanoseconds; }
    /// A spin in vain makes the next ones seldom, up to one in `mostRest` waits.
    void spun(bool isCaught) {
        if (isCaught) {
            nextRest_ = firstRest;
        } else {
            rest_ = nextRest_;
            nextRest_ = std::min(2 * nextRest_, mostRest);
        }
    }

private:
    /// A call of some microseconds with both sides asleep when it begins: two wake-ups, and room for noise.
    static constexpr int64_t quickNanoseconds = 250000;
    static constexpr int firstRest = 8, mostRest = 1024;

    int64_t lastWait_ = std::numeric_limits<int64_t>::max();
    int rest_ = 0;
    int nextRest_ = firstRest;
};

/// The right to spin for a connection's peer; without it there are enough that do, or no processor to spare.
class SpinPermit {
public:
    explicit SpinPermit(int fd);
    ~SpinPermit();
    SpinPermit(const SpinPermit&) = delete;
    SpinPermit& operator=(const SpinPermit&) = delete;

    explicit operator bool() const { return isGranted_; }

private:
    bool isGranted_;
};

/// Whether `fd` has something to read: bytes, the end or an error, which the read that follows tells. Never blocks.
bool hasArrived(int fd);

}  // namespace wire
