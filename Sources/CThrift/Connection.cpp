#include "Connection.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "Greeting.h"

namespace wire {

Connection::Connection() = default;
Connection::~Connection() = default;

ConnectionTable::ConnectionTable(int epoll, int32_t limit) : epoll_(epoll), limit_(static_cast<size_t>(limit)) {
    // So that giving a slot back never allocates.
    slots_.reserve(limit_);
    freeSlots_.reserve(limit_);
}

ConnectionTable::List* ConnectionTable::listOf(State state) {
    switch (state) {
    case State::idle: return &idle_;
    case State::receiving: return &receiving_;
    case State::sending: return &sending_;
    case State::waiting: return &waiting_;
    case State::busy: return &busy_;
    case State::free: return nullptr;
    }
    return nullptr;
}

void ConnectionTable::link(Connection* connection, State state) {
    List* list = listOf(state);
    connection->state = state;
    connection->next = nullptr;
    connection->previous = list->last;
    (list->last ? list->last->next : list->first) = connection;
    list->last = connection;
}

void ConnectionTable::unlink(Connection* connection) {
    List* list = listOf(connection->state);
    (connection->previous ? connection->previous->next : list->first) = connection->next;
    (connection->next ? connection->next->previous : list->last) = connection->previous;
    connection->previous = connection->next = nullptr;
}

/// Closes an unlinked connection and frees its slot. The close takes it out of the epoll set.
void ConnectionTable::release(Connection* connection) {
    connection->incoming.reset();
    connection->outgoing.reset();
    connection->greeting.reset();
    connection->stream.reset();
    connection->isGreeted = false;
    connection->recordSince = 0;
    connection->generation += 1;
    connection->state = State::free;
    freeSlots_.push_back(connection->slot);
}

bool ConnectionTable::watch(Connection* connection, int operation, uint32_t events) {
    epoll_event event{};
    event.events = events | EPOLLONESHOT | (events ? EPOLLRDHUP : 0u);
    event.data.u64 = connection->key();
    return epoll_ctl(epoll_, operation, connection->stream.socket(), &event) == 0;
}

bool ConnectionTable::shedLocked() {
    Connection* oldest = idle_.first ? idle_.first : receiving_.first ? receiving_.first : sending_.first;
    if (!oldest) oldest = waiting_.first;
    if (!oldest) return false;
    unlink(oldest);
    release(oldest);
    return true;
}

bool ConnectionTable::shedOne() {
    std::lock_guard lock(mutex_);
    return shedLocked();
}

ConnectionTable::Admission ConnectionTable::admit(Descriptor socket, std::string peer, int64_t deadline,
                                                    std::string& error) {
    std::lock_guard lock(mutex_);
    Admission admission = Admission::admitted;
    if (slots_.size() - freeSlots_.size() >= limit_) {
        if (!shedLocked()) {
            error = "every connection is in a call";
            return Admission::refused;
        }
        admission = Admission::admittedByShedding;
    }
    if (freeSlots_.empty()) {
        slots_.push_back(std::make_unique<Connection>());
        slots_.back()->slot = static_cast<uint32_t>(slots_.size() - 1);
        freeSlots_.push_back(slots_.back()->slot);
    }
    Connection* connection = slots_[freeSlots_.back()].get();
    freeSlots_.pop_back();
    connection->stream = Stream(std::move(socket));
    connection->peer = std::move(peer);
    connection->deadline = deadline;
    if (!watch(connection, EPOLL_CTL_ADD, EPOLLIN)) {
        error = "epoll: " + errorText(errno);
        release(connection);
        return Admission::refused;
    }
    link(connection, State::idle);
    return admission;
}

Connection* ConnectionTable::claim(uint64_t key) {
    std::lock_guard lock(mutex_);
    uint32_t slot = static_cast<uint32_t>(key);
    if (slot >= slots_.size()) return nullptr;
    Connection* connection = slots_[slot].get();
    bool waits = connection->state != State::free && connection->state != State::busy;
    if (connection->key() != key || !waits) return nullptr;
    unlink(connection);
    link(connection, State::busy);
    return connection;
}

void ConnectionTable::park(Connection* connection, State state, int64_t deadline) {
    std::lock_guard lock(mutex_);
    unlink(connection);
    connection->deadline = deadline;
    uint32_t events = state == State::waiting ? 0 : connection->stream.awaits() == POLLOUT ? EPOLLOUT : EPOLLIN;
    if (!watch(connection, EPOLL_CTL_MOD, events)) {
        release(connection);
        return;
    }
    link(connection, state);
}

void ConnectionTable::resumeWaiting(Service& service, ReportPlaces& places, int64_t time, int64_t deadline) {
    std::lock_guard lock(mutex_);
    while (waiting_.first && places.take()) {
        Connection* connection = waiting_.first;
        unlink(connection);
        connection->incoming->report = std::make_unique<ArrivingReport>(service, places);
        connection->incoming->since = time;
        connection->deadline = deadline;
        if (watch(connection, EPOLL_CTL_MOD, EPOLLIN)) {
            link(connection, State::receiving);
        } else {
            release(connection);
        }
    }
}

void ConnectionTable::close(Connection* connection) {
    std::lock_guard lock(mutex_);
    unlink(connection);
    release(connection);
}

int ConnectionTable::closeExpired(int64_t time) {
    std::lock_guard lock(mutex_);
    int closed = 0;
    auto expire = [&](Connection* connection) {
        unlink(connection);
        release(connection);
        closed += 1;
    };
    // Idle ones share one limit, so the list is in deadline order; the others' deadlines differ.
    while (idle_.first && idle_.first->deadline <= time) expire(idle_.first);
    for (List* list : {&receiving_, &sending_, &waiting_}) {
        for (Connection *each = list->first, *next; each; each = next) {
            next = each->next;
            if (each->deadline <= time) expire(each);
        }
    }
    return closed;
}

void ConnectionTable::closeWaiting() {
    std::lock_guard lock(mutex_);
    while (shedLocked()) {}
}

void ConnectionTable::shutDownBusy() {
    std::lock_guard lock(mutex_);
    for (Connection* each = busy_.first; each; each = each->next) shutdown(each->stream.socket(), SHUT_RDWR);
}

int64_t ConnectionTable::count() {
    std::lock_guard lock(mutex_);
    return static_cast<int64_t>(slots_.size() - freeSlots_.size());
}

}  // namespace wire
