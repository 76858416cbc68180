// A large report that is read while it arrives.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "Service.h"

namespace wire {

/// How many reports may arrive at once.
class ReportPlaces {
public:
    explicit ReportPlaces(int32_t count) : free_(count) {}

    bool take() {
        if (free_.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
        free_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    void give() { free_.fetch_add(1, std::memory_order_relaxed); }

private:
    std::atomic<int32_t> free_;
};

/// One report's place, and what reads it. Let go before its end, it leaves nothing behind.
class ArrivingReport {
public:
    /// The place was taken.
    ArrivingReport(Service& service, ReportPlaces& places) : service_(service), places_(places) {}
    ~ArrivingReport() {
        if (reader_) service_.dropReport(reader_);
        places_.give();
    }
    ArrivingReport(const ArrivingReport&) = delete;
    ArrivingReport& operator=(const ArrivingReport&) = delete;

    /// Tells how many of the bytes it is done with. What can't be read is passed over, and `end` says so.
    size_t read(const uint8_t* bytes, size_t count) {
        if (!error_.empty()) return count;
        if (!reader_) reader_ = service_.beginReport();
        size_t used = 0;
        if (service_.readReport(reader_, bytes, count, used, error_)) return used;
        if (error_.empty()) error_ = "can't read the report";
        return count;
    }

    bool end(const uint8_t* bytes, size_t count, TMasterResult& result, std::string& error) {
        if (error_.empty()) {
            if (!reader_) reader_ = service_.beginReport();
            void* reader = reader_;
            reader_ = nullptr;
            return service_.endReport(reader, bytes, count, result, error);
        }
        error = error_;
        return false;
    }

private:
    Service& service_;
    ReportPlaces& places_;
    void* reader_ = nullptr;
    std::string error_;
};

}  // namespace wire
