// A connected socket, with TLS on it or without. One thread at a time.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "Sockets.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace wire {

class Stream {
public:
    Stream() = default;
    explicit Stream(Descriptor socket) : socket_(std::move(socket)) {}
    Stream(Stream&&) = default;
    Stream& operator=(Stream&&) = default;

    int socket() const { return socket_.get(); }
    explicit operator bool() const { return static_cast<bool>(socket_); }
    bool isTLS() const { return ssl_ != nullptr; }
    void reset();

    /// What comes next is TLS, begun by the other side. False: memory is short.
    bool accept(SSL_CTX* keys, bool requiresCertificate);
    /// What comes next is TLS, begun here, with a peer that must have a certificate for `host`, a name or an address.
    bool connect(SSL_CTX* keys, const std::string& host);

    enum class Handshake { done, waits, failed };
    /// As far as it goes without blocking; `waits`: for `awaits()`. `failed`: `problem()` says why, for people.
    Handshake shake();

    /// As `recv` and `send` of a socket that does not block: a count, 0 at the end, -1 with errno. EAGAIN waits for `awaits()`;
    /// EPROTO: `problem()` says why.
    ssize_t receive(void* bytes, size_t count);
    ssize_t send(const void* bytes, size_t count);
    /// POLLIN or POLLOUT: for what the last call waits that did not get on.
    short awaits() const { return awaits_; }

    /// Bytes that have been decrypted and not been received: no event of the socket tells of them.
    bool hasPending() const;
    /// Something arrived since the last bytes that were received, and none could be: a part of a record.
    bool isInsideRecord() const { return isInsideRecord_; }
    /// The peer refused this side before it took a byte: its certificate, or how it speaks TLS.
    bool isRefused() const { return isRefused_; }
    const std::string& problem() const { return problem_; }

private:
    struct Free {
        void operator()(SSL* ssl) const;
    };

    bool begin(SSL_CTX* keys);
    /// After a call that did not succeed: what recv and send would say.
    ssize_t failed(int result);
    uint64_t arrived() const;

    Descriptor socket_;
    std::unique_ptr<SSL, Free> ssl_;
    std::string host_;
    std::string problem_;
    /// Of the peer's certificate, when it is for somebody else.
    std::string names_;
    uint64_t received_ = 0;
    short awaits_ = 1;
    bool isInsideRecord_ = false;
    bool isRefused_ = false;
};

}  // namespace wire
