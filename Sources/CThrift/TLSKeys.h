// This process' certificate, key and authorities, for both sides of connections.

#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "CThrift.h"
#include "Stream.h"

namespace wire {

/// Read from files, and read anew at will: connections that are open keep what they began with. Thread-safe.
class TLSKeys {
public:
    explicit TLSKeys(TLSFiles files) : files_(std::move(files)) {}

    /// False: `error` says why, and what was read before stays.
    bool load(std::string& error);
    /// Null: there is no certificate.
    std::shared_ptr<SSL_CTX> forServing();
    std::shared_ptr<SSL_CTX> forCalling();
    bool hasAuthorities() const { return !files_.authorities.empty(); }

private:
    const TLSFiles files_;
    std::mutex mutex_;
    std::shared_ptr<SSL_CTX> serving_, calling_;
};

/// What Swift holds; servers and channels share the keys themselves, and may outlive it.
class TLS {
public:
    explicit TLS(const TLSFiles& files) : keys(std::make_shared<TLSKeys>(files)) {}
    const std::shared_ptr<TLSKeys> keys;
};

}  // namespace wire
