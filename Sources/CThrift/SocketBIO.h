// What OpenSSL reads and writes a socket through: never blocks, and raises no SIGPIPE, which its own does.

#pragma once

#include <openssl/bio.h>

namespace wire {

/// Over a descriptor that outlives it. Null when memory is short.
BIO* makeSocketBIO(int socket);
/// The peer has ended its direction.
bool hasEnded(BIO* bio);

}  // namespace wire
