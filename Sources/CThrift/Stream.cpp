#include "Stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "SocketBIO.h"
#include "TLSProblem.h"

namespace wire {

static_assert(POLLIN == 1, "a stream waits to read at first");

namespace {

/// Keeps for whom a certificate is that is not for the host which was wanted: a failed handshake forgets it.
int verified(int isGood, X509_STORE_CTX* chain) {
    int code = X509_STORE_CTX_get_error(chain);
    if (isGood || (code != X509_V_ERR_HOSTNAME_MISMATCH && code != X509_V_ERR_IP_ADDRESS_MISMATCH)) return isGood;
    void* ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    auto* names = static_cast<std::string*>(SSL_get_app_data(static_cast<SSL*>(ssl)));
    // No exception meets OpenSSL's frames.
    try {
        *names = namesOf(X509_STORE_CTX_get0_cert(chain));
    } catch (...) {
        names->clear();
    }
    return isGood;
}

}  // namespace

void Stream::Free::operator()(SSL* ssl) const { SSL_free(ssl); }

void Stream::reset() {
    ssl_.reset();
    socket_.reset();
    host_.clear();
    problem_.clear();
    names_.clear();
    received_ = 0;
    awaits_ = POLLIN;
    isInsideRecord_ = isRefused_ = false;
}

bool Stream::begin(SSL_CTX* keys) {
    ERR_clear_error();
    ssl_.reset(SSL_new(keys));
    BIO* bio = ssl_ ? makeSocketBIO(socket_.get()) : nullptr;
    if (!bio) {
        ssl_.reset();
        return false;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    return true;
}

bool Stream::accept(SSL_CTX* keys, bool requiresCertificate) {
    if (!begin(keys)) return false;
    if (requiresCertificate) SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_set_accept_state(ssl_.get());
    return true;
}

bool Stream::connect(SSL_CTX* keys, const std::string& host) {
    if (!begin(keys)) return false;
    host_ = host;
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, verified);
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    // An address is looked for among a certificate's addresses, a name among its names, and a name alone is told the server.
    bool isSet = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    if (!isSet) {
        isSet = X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
                SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1;
    }
    ERR_clear_error();
    SSL_set_connect_state(ssl_.get());
    return isSet;
}

Stream::Handshake Stream::shake() {
    ERR_clear_error();
    errno = 0;
    // A stream may have moved since.
    SSL_set_app_data(ssl_.get(), &names_);
    int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        received_ = arrived();
        return Handshake::done;
    }
    if (failed(result) < 0 && errno == EAGAIN) return Handshake::waits;
    if (problem_.empty()) problem_ = handshakeProblem(ssl_.get(), host_, names_, 0);
    return Handshake::failed;
}

ssize_t Stream::receive(void* bytes, size_t count) {
    awaits_ = POLLIN;
    if (!ssl_) return recv(socket_.get(), bytes, count, MSG_DONTWAIT);
    ERR_clear_error();
    errno = 0;
    int result = SSL_read(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(count, INT_MAX)));
    if (result > 0) {
        received_ = arrived();
        isInsideRecord_ = false;
        return result;
    }
    ssize_t outcome = failed(result);
    isInsideRecord_ = arrived() != received_;
    return outcome;
}

ssize_t Stream::send(const void* bytes, size_t count) {
    if (!ssl_) {
        awaits_ = POLLOUT;
        ssize_t sent = ::send(socket_.get(), bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) awaits_ = POLLIN;
        return sent;
    }
    ERR_clear_error();
    errno = 0;
    int result = SSL_write(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(count, INT_MAX)));
    if (result > 0) {
        awaits_ = POLLIN;
        return result;
    }
    ssize_t outcome = failed(result);
    if (outcome == 0) {
        errno = EPIPE;
        return -1;
    }
    return outcome;
}

ssize_t Stream::failed(int result) {
    int code = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        awaits_ = POLLIN;
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_WANT_WRITE:
        awaits_ = POLLOUT;
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_SYSCALL:
        // An error of the socket, or its end, unless OpenSSL has more to say.
        if (ERR_peek_error() == 0) {
            if (code == 0 || hasEnded(SSL_get_rbio(ssl_.get()))) return 0;
            errno = code;
            return -1;
        }
        [[fallthrough]];
    default: {
        unsigned long first = ERR_peek_error();
        problem_ = handshakeProblem(ssl_.get(), host_, names_, first);
        isRefused_ = isRefusal(first);
        ERR_clear_error();
        errno = EPROTO;
        return -1;
    }
    }
}

bool Stream::hasPending() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }

uint64_t Stream::arrived() const { return BIO_number_read(SSL_get_rbio(ssl_.get())); }

}  // namespace wire
