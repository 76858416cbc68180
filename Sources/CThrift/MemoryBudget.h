// Bytes that all connections of a server may hold together.

#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace wire {

class MemoryBudget {
public:
    explicit MemoryBudget(int64_t limit) : limit_(limit) {}

    bool take(int64_t bytes) {
        int64_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
        if (before + bytes <= limit_) return true;
        used_.fetch_sub(bytes, std::memory_order_relaxed);
        return false;
    }
    void give(int64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    int64_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    const int64_t limit_;
    std::atomic<int64_t> used_{0};
};

/// A part of the budget for as long as the object lives.
class BudgetShare {
public:
    explicit BudgetShare(MemoryBudget& budget) : budget_(budget) {}
    ~BudgetShare() { giveBack(); }
    BudgetShare(const BudgetShare&) = delete;
    BudgetShare& operator=(const BudgetShare&) = delete;

    bool take(int64_t bytes) {
        if (!budget_.take(bytes)) return false;
        bytes_ += bytes;
        return true;
    }

    void giveBack() {
        budget_.give(bytes_);
        bytes_ = 0;
    }

private:
    MemoryBudget& budget_;
    int64_t bytes_ = 0;
};

/// Bytes of an unfinished message. Grows by realloc, which moves large blocks without copying them, only as bytes
/// arrive, and within the budget.
class MessageBuffer {
public:
    explicit MessageBuffer(MemoryBudget& budget) : budget_(budget) {}
    ~MessageBuffer() { release(); }
    MessageBuffer(const MessageBuffer&) = delete;
    MessageBuffer& operator=(const MessageBuffer&) = delete;

    uint8_t* data() { return data_; }
    size_t size() const { return size_; }
    uint8_t* tail() { return data_ + size_; }
    size_t room() const { return capacity_ - size_; }
    void added(size_t bytes) { size_ += bytes; }

    /// Room for at least one more byte, or `atLeast`. False: the budget or the memory is used up.
    bool grow(size_t atLeast) {
        if (room() >= atLeast && room() > 0) return true;
        constexpr size_t firstStep = 16 << 10, largestStep = 16 << 20;
        size_t step = capacity_ < firstStep ? firstStep : capacity_ > largestStep ? largestStep : capacity_;
        size_t wanted = capacity_ + (step > atLeast ? step : atLeast);
        if (!budget_.take(static_cast<int64_t>(wanted - capacity_))) return false;
        void* moved = std::realloc(data_, wanted);
        if (!moved) {
            budget_.give(static_cast<int64_t>(wanted - capacity_));
            return false;
        }
        data_ = static_cast<uint8_t*>(moved);
        capacity_ = wanted;
        return true;
    }

    /// Forgets the first bytes; those behind them move to the front.
    void drop(size_t bytes) {
        size_ -= bytes;
        if (size_ > 0) std::memmove(data_, data_ + bytes, size_);
    }

    void release() {
        std::free(data_);
        budget_.give(static_cast<int64_t>(capacity_));
        data_ = nullptr;
        size_ = capacity_ = 0;
    }

private:
    MemoryBudget& budget_;
    uint8_t* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace wire
