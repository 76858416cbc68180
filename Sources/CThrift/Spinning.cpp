#include "Spinning.h"

#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

namespace wire {

namespace {

/// One thread spins for the sake of another, which needs a processor too: with a single one nobody may.
int permitCount() {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 0;
    return CPU_COUNT(&usable) / 2;
}

std::atomic<int> permitsTaken{0};

/// The peer is of this host and last sent from the very processor that would spin: sleeping hands it over at once,
/// spinning would keep the peer from answering. (Of a peer elsewhere it is the network card's, and as good as chance.)
bool sharesProcessor(int fd) {
    int processor = -1;
    socklen_t size = sizeof processor;
    return getsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &processor, &size) == 0 && processor == sched_getcpu();
}

}  // namespace

SpinPermit::SpinPermit(int fd) {
    static const int permits = permitCount();
    isGranted_ = false;
    if (sharesProcessor(fd)) return;
    isGranted_ = permitsTaken.fetch_add(1, std::memory_order_relaxed) < permits;
    if (!isGranted_) permitsTaken.fetch_sub(1, std::memory_order_relaxed);
}

SpinPermit::~SpinPermit() {
    if (isGranted_) permitsTaken.fetch_sub(1, std::memory_order_relaxed);
}

bool hasArrived(int fd) {
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

}  // namespace wire
