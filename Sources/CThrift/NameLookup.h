// Host names to addresses, within a deadline: `getaddrinfo` knows none, and a silent name server keeps it for half a minute.

#pragma once

#include <netdb.h>

#include <cstdint>
#include <string>

namespace wire {

struct AddressList {
    addrinfo* first = nullptr;
    AddressList() = default;
    AddressList(const AddressList&) = delete;
    AddressList& operator=(const AddressList&) = delete;
    ~AddressList() {
        if (first) freeaddrinfo(first);
    }
};

/// A numeric address; never asks anybody. False with `error` when it is none.
bool parseNumeric(const std::string& address, int32_t port, int flags, AddressList& list, std::string& error);

enum class LookupResult { found, timedOut, failed };

/// Looks the host up on a thread of the lookup's own, which ends when the C library does; this call ends at `deadline`
/// (monotonic nanoseconds). Lookups that nobody waits for any more are limited: one more then fails at once.
LookupResult lookUp(
    const std::string& host, int32_t port, int64_t deadline, AddressList& list, std::string& error);

}  // namespace wire
