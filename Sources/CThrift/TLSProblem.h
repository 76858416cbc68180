// OpenSSL's errors in words that say what to do. None holds anything of a key.

#pragma once

#include <openssl/ssl.h>

#include <string>

namespace wire {

/// Why a handshake, or what follows it, failed. `error` is the first of OpenSSL's queue, 0: the connection ended. `host` is whom
/// a client wanted to reach, empty on a server; `names` what the peer's certificate says instead.
std::string handshakeProblem(SSL* ssl, const std::string& host, const std::string& names, unsigned long error);
/// The names and addresses of a certificate.
std::string namesOf(X509* certificate);
/// The peer's alert says that it wants nothing of this side.
bool isRefusal(unsigned long error);
/// The newest reason in OpenSSL's queue, which is empty afterwards.
std::string takeReason();

}  // namespace wire
