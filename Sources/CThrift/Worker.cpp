#include <sys/epoll.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

#include "GatheredEnds.h"
#include "Greeting.h"
#include "Server.h"

namespace wire {

namespace {

using apache::thrift::TApplicationException;
using apache::thrift::TConfiguration;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TMemoryBuffer;

constexpr size_t scratchBytes = 64 << 10;
/// What one read of a large message asks for.
constexpr size_t largeReadBytes = 1 << 20;
/// The most bytes of a TLS record.
constexpr size_t fullRecordBytes = 16 << 10;
/// Reads of one connection before another gets its turn.
constexpr int readTurns = 16;

std::shared_ptr<TConfiguration> unlimited() {
    // The walker has bounded the message already; libthrift's own count would cut long-lived connections.
    return std::make_shared<TConfiguration>(std::numeric_limits<int>::max());
}

}  // namespace

/// What one worker thread keeps between calls.
class Worker {
public:
    explicit Worker(ServerCore& core)
        : core_(core),
          scratch_(new uint8_t[scratchBytes]),
          walker_(core.ordinary, core.service->takesRawReports() ? core.report : core.ordinary, false,
                  core.service->elementBytes()),
          configuration_(unlimited()),
          answer_(std::make_shared<TMemoryBuffer>(512, configuration_)),
          answerProtocol_(std::make_shared<TBinaryProtocol>(answer_)) {}

    void serve(Connection* connection);

private:
    enum class After { greeting, idle, begun, receiving, waiting, sending, closed };

    void park(Connection* connection, After after);
    After advance(Connection& connection);
    After receive(Connection& connection);
    After consume(Connection& connection, const uint8_t* data, size_t size);
    bool keep(Connection& connection, const uint8_t* data, size_t size, const MessageWalker& walker);
    bool keepUnread(Connection& connection, const uint8_t* data, size_t size);
    std::shared_ptr<TBinaryProtocol> reader(const uint8_t* message, const MessageWalker& walker) const;
    After answerEnds(Connection& connection, GatheredEnds& ends);
    void process(const uint8_t* message, const MessageWalker& walker);
    void answerReport(const uint8_t* message, const MessageWalker& walker);
    void answerArrived(Incoming& incoming);
    void writeReportResult(const TMasterResult& result, const MessageWalker& walker);
    bool readArriving(Incoming& incoming);
    void answerException(const MessageWalker& walker, const uint8_t* message,
                         TApplicationException::TApplicationExceptionType type, const std::string& text);
    After answer(Connection& connection);
    After flush(Connection& connection);
    void refuse(const char* reason);

    ServerCore& core_;
    std::unique_ptr<uint8_t[]> scratch_;
    MessageWalker walker_;
    std::shared_ptr<TConfiguration> configuration_;
    std::shared_ptr<TMemoryBuffer> answer_;
    std::shared_ptr<TBinaryProtocol> answerProtocol_;
};

void runWorker(ServerCore& core) {
    Worker worker(core);
    while (!core.isStopping) {
        epoll_event event;
        int ready = epoll_wait(core.epoll.get(), &event, 1, -1);
        if (ready <= 0) continue;
        Connection* connection = core.connections->claim(event.data.u64);
        if (connection) worker.serve(connection);
    }
}

void Worker::serve(Connection* connection) {
    After after = After::closed;
    currentCaller = connection->peer.c_str();
    // Whatever one connection brings about, the server goes on.
    try {
        after = advance(*connection);
    } catch (const std::exception& error) {
        core_.logSeldom(3, std::string("closed a connection: ") + error.what());
    } catch (...) {
        core_.logSeldom(3, "closed a connection: unknown exception");
    }
    bool mayFreeAPlace = after != After::receiving;
    park(connection, after);
    if (mayFreeAPlace && core_.service->takesRawReports()) core_.resumeReports();
}

/// Gives the connection back to wait for what comes next, or closes it.
void Worker::park(Connection* connection, After after) {
    int64_t milliseconds = 1000000;
    switch (after) {
    case After::closed: core_.connections->close(connection); break;
    case After::greeting:
        core_.connections->park(connection, State::receiving, connection->greeting->deadline);
        break;
    case After::begun:
        core_.connections->park(connection, State::receiving,
                                connection->recordSince + core_.options.messageDeadlineMs * milliseconds);
        break;
    case After::idle:
        core_.connections->park(connection, State::idle, now() + core_.options.idleLimitMs * milliseconds);
        break;
    case After::receiving: {
        const Incoming& incoming = *connection->incoming;
        int64_t allowed = incoming.walker.isReport() ? core_.options.reportDeadlineMs : core_.options.messageDeadlineMs;
        int64_t deadline = incoming.since + allowed * milliseconds;
        // One that has a place and sends nothing keeps others from it.
        if (incoming.report) deadline = std::min(deadline, now() + core_.options.messageDeadlineMs * milliseconds);
        core_.connections->park(connection, State::receiving, deadline);
        break;
    }
    case After::waiting:
        // Behind bytes that nobody reads it is not seen when the sender gives up; it does so before long.
        core_.connections->park(connection, State::waiting,
                                connection->incoming->since + 2 * core_.options.messageDeadlineMs * milliseconds);
        break;
    case After::sending:
        core_.connections->park(connection, State::sending, connection->deadline);
        break;
    }
}

/// Answers what has come.
Worker::After Worker::advance(Connection& connection) {
    if (!connection.isGreeted) {
        switch (greet(core_, connection)) {
        case Greeted::yes: break;
        case Greeted::waitsForFirstByte: return After::idle;
        case Greeted::waits: return After::greeting;
        case Greeted::closes: return After::closed;
        }
    }
    if (connection.outgoing) {
        After after = flush(connection);
        if (after != After::idle) return after;
        connection.outgoing.reset();
        // Messages that came together with the one just answered.
        if (connection.incoming) {
            std::unique_ptr<Incoming> pending = std::move(connection.incoming);
            after = consume(connection, pending->buffer.data(), pending->buffer.size());
            if (after == After::sending || after == After::closed) return after;
        }
    }
    return receive(connection);
}

Worker::After Worker::receive(Connection& connection) {
    // The socket tells nothing of what is decrypted already; that is a record at most.
    for (int turn = 0; turn < readTurns || connection.stream.hasPending(); turn++) {
        uint8_t* target = scratch_.get();
        size_t room = scratchBytes;
        if (Incoming* incoming = connection.incoming.get()) {
            MessageBuffer& buffer = incoming->buffer;
            if (!buffer.grow(1)) return refuse("no memory left for messages"), After::closed;
            target = buffer.tail();
            room = std::min(buffer.room(), largeReadBytes);
        }
        ssize_t count = connection.stream.receive(target, room);
        if (count == 0) return After::closed;
        if (count < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return After::closed;
            if (connection.incoming) return After::receiving;
            if (!connection.stream.isInsideRecord()) return After::idle;
            if (connection.recordSince == 0) connection.recordSince = now();
            return After::begun;
        }
        connection.recordSince = 0;
        core_.bytesReceived.fetch_add(count, std::memory_order_relaxed);
        After after;
        if (Incoming* incoming = connection.incoming.get()) {
            incoming->buffer.added(static_cast<size_t>(count));
            Progress progress = incoming->walker.walk(incoming->buffer.data(), incoming->buffer.size());
            if (progress == Progress::refused) return refuse(incoming->walker.refusal()), After::closed;
            after = After::receiving;
            if (progress == Progress::needMore && !readArriving(*incoming)) return After::waiting;
            if (progress == Progress::complete) {
                std::unique_ptr<Incoming> whole = std::move(connection.incoming);
                size_t used = whole->walker.position();
                if (whole->report) {
                    answerArrived(*whole);
                } else {
                    process(whole->buffer.data(), whole->walker);
                }
                bool hasMore = whole->buffer.size() > used;
                // The answer is ready: the message's memory is free again before the peer hears of it.
                if (!hasMore) whole.reset();
                after = answer(connection);
                if (hasMore && after == After::sending) {
                    if (!keepUnread(connection, whole->buffer.data() + used, whole->buffer.size() - used)) {
                        return After::closed;
                    }
                } else if (hasMore && after != After::closed) {
                    after = consume(connection, whole->buffer.data() + used, whole->buffer.size() - used);
                }
            }
        } else {
            after = consume(connection, scratch_.get(), static_cast<size_t>(count));
        }
        if (after == After::sending || after == After::closed) return after;
        // Less than asked for: nothing more is there. TLS gives a record at a time: only a full one is often followed by another.
        size_t whole = connection.stream.isTLS() ? std::min(room, fullRecordBytes) : room;
        if (static_cast<size_t>(count) < whole) return after;
    }
    return connection.incoming ? After::receiving : After::idle;
}

/// Handles every whole message of the bytes; keeps the rest with the connection. `data` is not the connection's buffer.
Worker::After Worker::consume(Connection& connection, const uint8_t* data, size_t size) {
    GatheredEnds ends(*core_.service, core_.budget);
    while (size > 0) {
        walker_.reset();
        Progress progress = walker_.walk(data, size);
        bool isGathered = progress == Progress::complete && ends.takes(data, walker_) &&
                          ends.add(*reader(data, walker_), walker_);
        if (isGathered) {
            data += walker_.position();
            size -= walker_.position();
            if (size > 0 && !ends.isFull()) continue;
        }
        if (!ends.isEmpty()) {
            After after = answerEnds(connection, ends);
            if (after == After::sending && !keepUnread(connection, data, size)) return After::closed;
            if (after != After::idle) return after;
            if (isGathered) continue;
        }
        switch (progress) {
        case Progress::refused:
            return refuse(data[0] == 0x16 ? "it speaks TLS, which is off on this port" : walker_.refusal()),
                   After::closed;
        case Progress::needMore:
            if (!keep(connection, data, size, walker_)) return refuse("no memory left for messages"), After::closed;
            return After::receiving;
        case Progress::complete: break;
        }
        size_t used = walker_.position();
        process(data, walker_);
        After after = answer(connection);
        data += used;
        size -= used;
        if (after == After::sending && !keepUnread(connection, data, size)) return After::closed;
        if (after != After::idle) return after;
    }
    return After::idle;
}

/// Messages behind one whose answer is not taken yet.
bool Worker::keepUnread(Connection& connection, const uint8_t* data, size_t size) {
    walker_.reset();
    if (size == 0 || keep(connection, data, size, walker_)) return true;
    refuse("no memory left for messages");
    return false;
}

bool Worker::keep(Connection& connection, const uint8_t* data, size_t size, const MessageWalker& walker) {
    auto incoming = std::make_unique<Incoming>(core_.budget, walker, now());
    if (!incoming->buffer.grow(size)) return false;
    std::memcpy(incoming->buffer.tail(), data, size);
    incoming->buffer.added(size);
    connection.incoming = std::move(incoming);
    return true;
}

/// Hands on what has come of a large report, so that it is never held as a whole. False: its turn has not come.
bool Worker::readArriving(Incoming& incoming) {
    MessageWalker& walker = incoming.walker;
    if (!core_.service->takesRawReports() || !walker.isReport() || !walker.hasArgument()) return true;
    if (!incoming.report) {
        if (incoming.buffer.size() < static_cast<size_t>(core_.options.wholeReportBytes)) return true;
        if (!core_.reportPlaces.take()) return false;
        incoming.report = std::make_unique<ArrivingReport>(*core_.service, core_.reportPlaces);
    }
    size_t begin = walker.argumentBegin();
    size_t end = walker.hasWholeArgument() ? walker.argumentEnd() : walker.position();
    size_t used = begin + incoming.report->read(incoming.buffer.data() + begin, end - begin);
    incoming.buffer.drop(used);
    walker.drop(used);
    return true;
}

void Worker::answerArrived(Incoming& incoming) {
    core_.calls.fetch_add(1, std::memory_order_relaxed);
    answer_->resetBuffer();
    const MessageWalker& walker = incoming.walker;
    TMasterResult result;
    std::string error;
    size_t begin = walker.argumentBegin();
    if (incoming.report->end(incoming.buffer.data() + begin, walker.argumentEnd() - begin, result, error)) {
        return writeReportResult(result, walker);
    }
    if (walker.messageType() != 1) return;
    answerProtocol_->writeMessageBegin("report", apache::thrift::protocol::T_EXCEPTION, walker.sequence());
    TApplicationException(TApplicationException::PROTOCOL_ERROR, error).write(answerProtocol_.get());
    answerProtocol_->writeMessageEnd();
}

void Worker::refuse(const char* reason) {
    core_.refusedMessages += 1;
    core_.logSeldom(2, std::string("closed a connection from ") + currentCaller + ": " + reason);
}

// --- answering ---------------------------------------------------------------------------------------------

std::shared_ptr<TBinaryProtocol> Worker::reader(const uint8_t* message, const MessageWalker& walker) const {
    auto size = static_cast<uint32_t>(walker.position());
    auto bytes = std::make_shared<TMemoryBuffer>(const_cast<uint8_t*>(message), size, TMemoryBuffer::OBSERVE,
                                                 configuration_);
    auto protocol = std::make_shared<TBinaryProtocol>(bytes);
    protocol->setStrict(true, true);
    protocol->setStringSizeLimit(core_.options.maxStringBytes);
    protocol->setContainerSizeLimit(core_.options.maxElements);
    return protocol;
}

Worker::After Worker::answerEnds(Connection& connection, GatheredEnds& ends) {
    core_.calls.fetch_add(ends.count(), std::memory_order_relaxed);
    answer_->resetBuffer();
    ends.answer(*answerProtocol_);
    return answer(connection);
}

/// Leaves the answer, if there is one, in `answer_`.
void Worker::process(const uint8_t* message, const MessageWalker& walker) {
    core_.calls.fetch_add(1, std::memory_order_relaxed);
    answer_->resetBuffer();
    std::string_view method = walker.name(message);
    if (walker.isReport()) return answerReport(message, walker);
    BudgetShare share(core_.budget);
    if (!share.take(walker.decodedBytes())) {
        return answerException(walker, message, TApplicationException::INTERNAL_ERROR,
                               "no memory left to decode " + std::string(method) + "; try again later");
    }
    try {
        core_.service->processor().process(reader(message, walker), answerProtocol_, nullptr);
    } catch (const apache::thrift::TException& error) {
        // The bytes are a message, but not of this method's arguments: a required field is missing.
        answer_->resetBuffer();
        if (walker.messageType() == 1) {
            answerException(walker, message, TApplicationException::PROTOCOL_ERROR,
                            "can't read the arguments of " + std::string(method) + ": " + error.what());
        }
    }
}

void Worker::answerReport(const uint8_t* message, const MessageWalker& walker) {
    size_t begin = walker.argumentBegin(), end = walker.argumentEnd();
    if (begin == end) {
        return answerException(walker, message, TApplicationException::PROTOCOL_ERROR, "report has no argument");
    }
    // The handler's side copies the bytes into memory of its own.
    BudgetShare share(core_.budget);
    if (!share.take(static_cast<int64_t>(end - begin))) {
        return answerException(walker, message, TApplicationException::INTERNAL_ERROR,
                               "no memory left for the report; try again later");
    }
    TMasterResult result;
    std::string error;
    if (!core_.service->report(message + begin, end - begin, result, error)) {
        return answerException(walker, message, TApplicationException::PROTOCOL_ERROR, error);
    }
    writeReportResult(result, walker);
}

void Worker::writeReportResult(const TMasterResult& result, const MessageWalker& walker) {
    if (walker.messageType() != 1) return;
    using namespace apache::thrift::protocol;
    answerProtocol_->writeMessageBegin("report", T_REPLY, walker.sequence());
    writeSuccess(*answerProtocol_, result);
    answerProtocol_->writeMessageEnd();
}

void Worker::answerException(const MessageWalker& walker, const uint8_t* message,
                             TApplicationException::TApplicationExceptionType type, const std::string& text) {
    if (walker.messageType() != 1) return;
    answer_->resetBuffer();
    answerProtocol_->writeMessageBegin(std::string(walker.name(message)), apache::thrift::protocol::T_EXCEPTION,
                                       walker.sequence());
    TApplicationException(type, text).write(answerProtocol_.get());
    answerProtocol_->writeMessageEnd();
}

/// Sends what `answer_` holds; what the peer does not take at once waits with the connection.
Worker::After Worker::answer(Connection& connection) {
    uint8_t* bytes;
    uint32_t size;
    answer_->getBuffer(&bytes, &size);
    size_t sent = 0;
    while (sent < size) {
        ssize_t count = connection.stream.send(bytes + sent, size - sent);
        if (count >= 0) {
            sent += static_cast<size_t>(count);
            core_.bytesSent.fetch_add(count, std::memory_order_relaxed);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            return After::closed;
        }
    }
    After after = After::idle;
    if (sent < size) {
        auto outgoing = std::make_unique<Outgoing>(core_.budget);
        if (!outgoing->buffer.grow(size - sent)) return refuse("no memory left for an answer"), After::closed;
        std::memcpy(outgoing->buffer.tail(), bytes + sent, size - sent);
        outgoing->buffer.added(size - sent);
        connection.outgoing = std::move(outgoing);
        connection.deadline = now() + core_.options.messageDeadlineMs * 1000000;
        after = After::sending;
    }
    // One large answer must not stay allocated for good.
    if (answer_->getBufferSize() > (1 << 20)) {
        answer_ = std::make_shared<TMemoryBuffer>(512, configuration_);
        answerProtocol_ = std::make_shared<TBinaryProtocol>(answer_);
    }
    return after;
}

Worker::After Worker::flush(Connection& connection) {
    Outgoing& outgoing = *connection.outgoing;
    while (outgoing.sent < outgoing.buffer.size()) {
        ssize_t count = connection.stream.send(outgoing.buffer.data() + outgoing.sent,
                                               outgoing.buffer.size() - outgoing.sent);
        if (count >= 0) {
            outgoing.sent += static_cast<size_t>(count);
            core_.bytesSent.fetch_add(count, std::memory_order_relaxed);
        } else if (errno == EAGAIN) {
            return After::sending;
        } else if (errno != EINTR) {
            return After::closed;
        }
    }
    return After::idle;
}

}  // namespace wire
