#include "TLSKeys.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstdio>

#include "TLSProblem.h"

namespace wire {

namespace {

using Context = std::shared_ptr<SSL_CTX>;

/// Of a peer; ours are of a few kilobytes.
constexpr long maxCertificateBytes = 32 << 10;

/// A key with a passphrase is refused; OpenSSL would ask for it on the terminal.
int refusePassphrase(char*, int, int, void*) { return -1; }

/// OpenSSL tells an absent file in three lines of its own.
bool isReadable(const char* what, const std::string& path, std::string& error) {
    std::FILE* file = std::fopen(path.c_str(), "rbe");
    if (!file) {
        error = std::string("can't read the ") + what + " " + path + ": " + errorText(errno);
        return false;
    }
    std::fclose(file);
    return true;
}

bool setUp(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Partial writes, as a socket does them; buffers go back while a connection is silent, which most are.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    // A ticket is a message behind the handshake's end: on a kept connection it would look like an answer to no call. Connections
    // are kept, so there is nothing to resume.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, maxCertificateBytes);
    return SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_ciphersuites(
               context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1;
}

bool readIdentity(SSL_CTX* context, const TLSFiles& files, std::string& error) {
    if (files.certificate.empty()) return true;
    if (!isReadable("certificate", files.certificate, error) || !isReadable("key", files.key, error)) return false;
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
        error = "no certificate can be read from " + files.certificate + ": " + takeReason();
        return false;
    }
    SSL_CTX_set_default_passwd_cb(context, refusePassphrase);
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        bool isForeign = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
        error = isForeign ? "the key in " + files.key + " is not that of the certificate in " + files.certificate
                          : "no key without a passphrase can be read from " + files.key + ": " + takeReason();
        return false;
    }
    return true;
}

/// Of a client without any of its own: the system's.
bool readAuthorities(SSL_CTX* context, const TLSFiles& files, std::string& error) {
    if (files.authorities.empty()) {
        SSL_CTX_set_default_verify_paths(context);
        return true;
    }
    if (!isReadable("authorities", files.authorities, error)) return false;
    if (SSL_CTX_load_verify_locations(context, files.authorities.c_str(), nullptr) != 1) {
        error = "no certificate of an authority can be read from " + files.authorities + ": " + takeReason();
        return false;
    }
    return true;
}

Context makeContext(const SSL_METHOD* method, const TLSFiles& files, std::string& error) {
    Context context(SSL_CTX_new(method), [](SSL_CTX* each) { SSL_CTX_free(each); });
    if (!context || !setUp(context.get())) {
        error = "TLS can't be set up: " + takeReason();
        return nullptr;
    }
    if (!readIdentity(context.get(), files, error) || !readAuthorities(context.get(), files, error)) return nullptr;
    return context;
}

}  // namespace

bool TLSKeys::load(std::string& error) {
    ERR_clear_error();
    // OpenSSL's own end of the process would run under threads that are still in a call.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
    if (files_.certificate.empty() != files_.key.empty()) {
        error = files_.key.empty() ? "there is a certificate and no key" : "there is a key and no certificate";
        return false;
    }
    Context serving, calling;
    if (!files_.certificate.empty()) {
        serving = makeContext(TLS_server_method(), files_, error);
        if (!serving) return false;
        if (!files_.authorities.empty()) {
            SSL_CTX_set_client_CA_list(serving.get(), SSL_load_client_CA_file(files_.authorities.c_str()));
        }
    }
    calling = makeContext(TLS_client_method(), files_, error);
    if (!calling) return false;
    ERR_clear_error();
    std::lock_guard lock(mutex_);
    serving_ = std::move(serving);
    calling_ = std::move(calling);
    return true;
}

Context TLSKeys::forServing() {
    std::lock_guard lock(mutex_);
    return serving_;
}

Context TLSKeys::forCalling() {
    std::lock_guard lock(mutex_);
    return calling_;
}

TLS* makeTLS(const TLSFiles& files) noexcept {
    try {
        return new TLS(files);
    } catch (...) {
        return nullptr;
    }
}

bool loadTLS(TLS* tls, Text& error) noexcept {
    try {
        return tls->keys->load(error);
    } catch (...) {
        return false;
    }
}

void freeTLS(TLS* tls) noexcept { delete tls; }

}  // namespace wire
