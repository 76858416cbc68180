#include "SocketBIO.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace wire {

namespace {

int socketOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

int readSocket(BIO* bio, char* bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t got = recv(socketOf(bio), bytes, static_cast<size_t>(count), MSG_DONTWAIT);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int writeSocket(BIO* bio, const char* bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t sent = send(socketOf(bio), bytes, static_cast<size_t>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

long controlSocket(BIO* bio, int command, long, void*) {
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return hasEnded(bio) ? 1 : 0;
    default: return 0;
    }
}

BIO_METHOD* makeMethod() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (!method) return nullptr;
    BIO_meth_set_read(method, readSocket);
    BIO_meth_set_write(method, writeSocket);
    BIO_meth_set_ctrl(method, controlSocket);
    return method;
}

}  // namespace

BIO* makeSocketBIO(int socket) {
    static BIO_METHOD* const method = makeMethod();
    BIO* bio = method ? BIO_new(method) : nullptr;
    if (!bio) return nullptr;
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
    BIO_set_init(bio, 1);
    return bio;
}

bool hasEnded(BIO* bio) { return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0; }

}  // namespace wire
