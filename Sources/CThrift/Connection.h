// The connections of one server, and who may touch each at a moment.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ArrivingReport.h"
#include "MemoryBudget.h"
#include "MessageWalker.h"
#include "Stream.h"

namespace wire {

/// A message of which a part has come.
struct Incoming {
    Incoming(MemoryBudget& budget, const MessageWalker& walker, int64_t since)
        : buffer(budget), walker(walker), since(since) {}
    MessageBuffer buffer;
    MessageWalker walker;
    /// When its first byte came; of a report that has waited for its place: when it got that.
    int64_t since;
    /// A large report that is read while it arrives.
    std::unique_ptr<ArrivingReport> report;
};

/// An answer that the peer has not taken yet.
struct Outgoing {
    explicit Outgoing(MemoryBudget& budget) : buffer(budget) {}
    MessageBuffer buffer;
    size_t sent = 0;
};

struct Greeting;

/// `busy` belongs to the worker that claimed it; in the other states the epoll set waits for it. `waiting`: nothing is read of
/// its report, whose bytes stay with the sender, until one that arrives has ended.
enum class State : uint8_t { free, idle, receiving, sending, waiting, busy };

struct Connection {
    Connection();
    ~Connection();

    uint32_t slot = 0;
    /// Counts the uses of the slot, so that an event of its previous connection is told apart.
    uint32_t generation = 0;
    State state = State::free;
    Stream stream;
    /// The numeric address of its other end.
    std::string peer;
    /// It is known how the peer speaks; until then `greeting` may be there.
    bool isGreeted = false;
    std::unique_ptr<Greeting> greeting;
    /// When the first bytes of a TLS record came of which there is no more yet; 0: of none.
    int64_t recordSince = 0;
    /// When the connection must have left its state; idle: by the idle limit.
    int64_t deadline = 0;
    std::unique_ptr<Incoming> incoming;
    std::unique_ptr<Outgoing> outgoing;
    Connection* previous = nullptr;
    Connection* next = nullptr;

    uint64_t key() const { return uint64_t{generation} << 32 | slot; }
};

/// All connections, in one list a waiting state, each list oldest first. Thread-safe. Epoll is told inside the lock, so
/// that a descriptor can't be closed and reused between.
class ConnectionTable {
public:
    ConnectionTable(int epoll, int32_t limit);

    enum class Admission { admitted, admittedByShedding, refused };
    /// Takes over the socket and begins to wait for its first byte. When full, the longest idle connection goes, or
    /// the one that has been sending its message for longest.
    Admission admit(Descriptor socket, std::string peer, int64_t deadline, std::string& error);
    /// Closes the longest idle connection; false when none waits.
    bool shedOne();
    /// The connection that an event is for, now the caller's; null when it has gone.
    Connection* claim(uint64_t key);
    /// Gives a claimed connection back to wait in `state` for what its stream awaits. It is closed when epoll does not take it.
    void park(Connection* connection, State state, int64_t deadline);
    /// Lets those that have waited longest go on, as far as there are places. Called when one may be free.
    void resumeWaiting(Service& service, ReportPlaces& places, int64_t time, int64_t deadline);
    /// Closes a claimed connection.
    void close(Connection* connection);
    /// Closes every waiting connection whose deadline has passed; tells how many.
    int closeExpired(int64_t time);
    /// Closes every waiting connection.
    void closeWaiting();
    /// Ends both directions of every connection that a worker holds.
    void shutDownBusy();
    int64_t count();

private:
    struct List {
        Connection* first = nullptr;
        Connection* last = nullptr;
    };

    List* listOf(State state);
    void link(Connection* connection, State state);
    void unlink(Connection* connection);
    void release(Connection* connection);
    bool shedLocked();
    bool watch(Connection* connection, int operation, uint32_t events);

    const int epoll_;
    const size_t limit_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> slots_;
    std::vector<uint32_t> freeSlots_;
    List idle_, receiving_, sending_, waiting_, busy_;
};

}  // namespace wire
