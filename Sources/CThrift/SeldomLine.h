// A log line that strangers can cause at will.

#pragma once

#include <atomic>
#include <cstdint>

namespace wire {

/// Thread-safe.
class SeldomLine {
public:
    explicit SeldomLine(int64_t interval) : interval_(interval) {}

    /// True at most once in the interval; `untold` is how often it was false since.
    bool isDue(int64_t time, int64_t& untold) {
        int64_t next = next_.load(std::memory_order_relaxed);
        if (time < next || !next_.compare_exchange_strong(next, time + interval_)) {
            untold_.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        untold = untold_.exchange(0, std::memory_order_relaxed);
        return true;
    }

private:
    const int64_t interval_;
    std::atomic<int64_t> next_{0}, untold_{0};
};

}  // namespace wire
