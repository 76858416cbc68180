// A server for one Thrift service: our own accept loop and workers around libthrift's protocol and processors.
//
// Connections wait in one epoll set and hold no thread. A readable one wakes one worker, which reads what is there
// without blocking, finds the message's end with a MessageWalker, and only for a whole message runs the generated
// processor, over memory. So a silent or slow peer costs a descriptor and the bytes it sent, never a thread; a worker
// is held by handlers alone. One more thread accepts and closes what has overstayed.

#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "CThrift.h"
#include "Connection.h"
#include "MemoryBudget.h"
#include "MessageWalker.h"
#include "SeldomLine.h"
#include "Service.h"
#include "Sockets.h"
#include "TLSKeys.h"

namespace wire {

class Worker;

/// The part of a server that its threads share; it outlives a handler that did not return before the stop deadline.
class ServerCore {
public:
    ServerCore(const ServerOptions& options, std::unique_ptr<Service> service);
    ~ServerCore();

    bool open(std::string& error);
    void log(int32_t level, const std::string& line) const;
    /// At most one such line a second: what a hostile peer can cause at will.
    void logSeldom(int32_t level, const std::string& line);
    /// Somebody was turned away who is not meant to be here; once a minute and kind.
    void logRefusal(SeldomLine& kind, const std::string& line);

    const ServerOptions options;
    const std::unique_ptr<Service> service;
    /// Null: TLS is off.
    const std::shared_ptr<TLSKeys> keys;
    const WalkLimits ordinary;
    const WalkLimits report;
    MemoryBudget budget;
    ReportPlaces reportPlaces;
    Descriptor listener;
    Descriptor epoll;
    /// Readable once the server stops; every thread watches it.
    Descriptor stopping;
    /// Given up to accept, and close, a connection when there is no descriptor left.
    Descriptor reserve;
    std::unique_ptr<ConnectionTable> connections;
    /// Reports that waited go on where others have ended.
    void resumeReports();
    std::atomic<bool> isStopping{false};

    std::atomic<int64_t> accepted{0}, calls{0}, bytesReceived{0}, bytesSent{0};
    std::atomic<int64_t> refusedMessages{0}, shed{0}, refusedConnections{0}, timedOut{0};
    std::atomic<int64_t> refusedCallers{0}, refusedPlain{0}, handshakes{0}, failedHandshakes{0};
    SeldomLine callersLine{60000000000}, plainLine{60000000000}, handshakeLine{60000000000};

private:
    SeldomLine anyLine_{1000000000};
};

/// Accepts, sheds and closes what is late. Runs until the core stops.
void runAcceptor(ServerCore& core);
/// Serves readable connections until the core stops.
void runWorker(ServerCore& core);

class Server {
public:
    Server(const ServerOptions& options, std::unique_ptr<Service> service);
    ~Server();

    bool start(std::string& error);
    void stop();
    int32_t port() const { return port_; }
    ServerCounters counters() const;

private:
    bool spawn(const char* name, void (*body)(ServerCore&), std::string& error);

    std::shared_ptr<ServerCore> core_;
    std::mutex mutex_;
    std::vector<pthread_t> threads_;
    std::atomic<int32_t> port_{0};
    bool started_ = false;
};

}  // namespace wire
