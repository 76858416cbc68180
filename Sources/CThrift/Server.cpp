#include "Server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <limits>

namespace wire {

namespace {

constexpr uint64_t stopKey = std::numeric_limits<uint64_t>::max();
/// Handlers run on these stacks; pages are only taken once touched.
constexpr size_t stackBytes = 1 << 20;

struct ThreadStart {
    std::shared_ptr<ServerCore> core;
    void (*body)(ServerCore&);
};

void* threadMain(void* argument) {
    std::unique_ptr<ThreadStart> start(static_cast<ThreadStart*>(argument));
    try {
        start->body(*start->core);
    } catch (const std::exception& error) {
        start->core->log(3, std::string("a server thread ended: ") + error.what());
    } catch (...) {
        start->core->log(3, "a server thread ended by an unknown exception");
    }
    return nullptr;
}

}  // namespace

// --- core --------------------------------------------------------------------------------------------------

ServerCore::ServerCore(const ServerOptions& options, std::unique_ptr<Service> service)
    : options(options),
      service(std::move(service)),
      keys(options.tls && options.tlsMode != tlsOff ? options.tls->keys : nullptr),
      ordinary{options.maxMessageBytes, options.maxStringBytes, options.maxElements, options.memoryBudgetBytes},
      // Reports are not decoded here, so only their own bytes count.
      report{options.maxReportBytes, options.maxStringBytes, options.maxReportElements,
             std::numeric_limits<int64_t>::max()},
      budget(options.memoryBudgetBytes),
      reportPlaces(options.arrivingReports) {}

ServerCore::~ServerCore() {
    if (options.releaseContext) options.releaseContext(options.context);
}

bool ServerCore::open(std::string& error) {
    if (options.tlsMode != tlsOff && (!keys || !keys->forServing())) {
        error = "TLS is on, and there is no certificate";
        return false;
    }
    if (options.tlsMode != tlsOff && options.requiresCertificate && !keys->hasAuthorities()) {
        error = "callers shall have a certificate, and there are no authorities to have signed it";
        return false;
    }
    listener = listenOn(options.address, options.port, error);
    if (!listener) return false;
    epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    stopping = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    reserve = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = stopKey;
    if (!epoll || !stopping || !reserve || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, stopping.get(), &event) != 0) {
        error = "can't set up the event queue: " + errorText(errno);
        return false;
    }
    connections = std::make_unique<ConnectionTable>(epoll.get(), options.maxConnections);
    return true;
}

void ServerCore::resumeReports() {
    int64_t time = now();
    connections->resumeWaiting(*service, reportPlaces, time, time + options.messageDeadlineMs * 1000000);
}

void ServerCore::log(int32_t level, const std::string& line) const {
    if (options.log) options.log(options.context, level, line.c_str());
}

void ServerCore::logSeldom(int32_t level, const std::string& line) {
    int64_t untold;
    if (anyLine_.isDue(now(), untold)) log(level, line);
}

void ServerCore::logRefusal(SeldomLine& kind, const std::string& line) {
    int64_t untold;
    if (!kind.isDue(now(), untold)) return;
    log(2, untold == 0 ? line : line + " (and " + std::to_string(untold) + " more before)");
}

// --- server ------------------------------------------------------------------------------------------------

Server::Server(const ServerOptions& options, std::unique_ptr<Service> service)
    : core_(std::make_shared<ServerCore>(options, std::move(service))) {}

Server::~Server() { stop(); }

bool Server::start(std::string& error) {
    std::lock_guard lock(mutex_);
    if (started_) {
        error = "started before";
        return false;
    }
    started_ = true;
    if (!core_->open(error)) return false;
    int workers = 0;
    if (spawn("acceptor", runAcceptor, error)) {
        while (workers < core_->options.workers && spawn("worker", runWorker, error)) workers += 1;
    }
    if (workers == 0) {
        if (error.empty()) error = "a server needs at least one worker";
        core_->isStopping = true;
        eventfd_write(core_->stopping.get(), 1);
        for (pthread_t thread : threads_) pthread_join(thread, nullptr);
        threads_.clear();
        core_->listener.reset();
        return false;
    }
    if (workers < core_->options.workers) {
        core_->log(2, "only " + std::to_string(workers) + " of " + std::to_string(core_->options.workers) +
                          " workers could be started: " + error);
        error.clear();
    }
    port_ = boundPort(core_->listener.get());
    return true;
}

bool Server::spawn(const char* name, void (*body)(ServerCore&), std::string& error) {
    auto start = std::make_unique<ThreadStart>(ThreadStart{core_, body});
    threads_.reserve(threads_.size() + 1);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stackBytes);
    // Signals are the process' affair, never a server thread's.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int code = pthread_create(&thread, &attributes, threadMain, start.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (code != 0) {
        error = "can't start a thread: " + errorText(code);
        return false;
    }
    start.release();
    threads_.push_back(thread);
    pthread_setname_np(thread, (core_->options.name.substr(0, 9) + "-" + std::string(name).substr(0, 5)).c_str());
    return true;
}

void Server::stop() {
    std::lock_guard lock(mutex_);
    if (!started_ || threads_.empty()) return;
    core_->isStopping = true;
    eventfd_write(core_->stopping.get(), 1);

    int64_t deadline = core_->options.stopDeadlineMs;
    timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += deadline / 1000;
    until.tv_nsec += deadline % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec += 1;
        until.tv_nsec -= 1000000000;
    }
    int late = 0;
    for (pthread_t thread : threads_) {
        if (pthread_clockjoin_np(thread, nullptr, CLOCK_MONOTONIC, &until) == 0) continue;
        // Its handler has not returned. It keeps the core alive and ends by itself when the handler does.
        if (late++ == 0) core_->connections->shutDownBusy();
        pthread_detach(thread);
    }
    threads_.clear();
    core_->listener.reset();
    core_->connections->closeWaiting();
    if (late > 0) {
        core_->log(2, "stopped with " + std::to_string(late) + " calls still in progress after " +
                          std::to_string(deadline) + " ms; their answers are lost");
    }
}

ServerCounters Server::counters() const {
    ServerCounters counters;
    const ServerCore& core = *core_;
    counters.connections = port_ > 0 ? core.connections->count() : 0;
    counters.accepted = core.accepted;
    counters.calls = core.calls;
    counters.bytesReceived = core.bytesReceived;
    counters.bytesSent = core.bytesSent;
    counters.refusedMessages = core.refusedMessages;
    counters.shed = core.shed;
    counters.refusedConnections = core.refusedConnections;
    counters.timedOut = core.timedOut;
    counters.memoryBytes = core.budget.used();
    counters.refusedCallers = core.refusedCallers;
    counters.refusedPlain = core.refusedPlain;
    counters.handshakes = core.handshakes;
    counters.failedHandshakes = core.failedHandshakes;
    return counters;
}

// --- what Swift calls --------------------------------------------------------------------------------------

namespace {

template <class Callbacks>
Server* serverOf(const ServerOptions& options, const Callbacks& callbacks) noexcept {
    std::unique_ptr<Service> service;
    try {
        service = makeService(callbacks);
    } catch (...) {
        callbacks.release(callbacks.context);
        if (options.releaseContext) options.releaseContext(options.context);
        return nullptr;
    }
    try {
        return new Server(options, std::move(service));
    } catch (...) {
        // The service gives its callbacks back itself; the log may be the core's already, so it is left alone: memory
        // is gone, and a leaked logger is the least of it.
        return nullptr;
    }
}

}  // namespace

Server* makeServer(const ServerOptions& options, const HeartbeatCallbacks& callbacks) noexcept {
    return serverOf(options, callbacks);
}
Server* makeServer(const ServerOptions& options, const BackendCallbacks& callbacks) noexcept {
    return serverOf(options, callbacks);
}
Server* makeServer(const ServerOptions& options, const FrontendCallbacks& callbacks) noexcept {
    return serverOf(options, callbacks);
}

bool startServer(Server* server, Text& error) noexcept {
    try {
        return server->start(error);
    } catch (...) {
        return false;
    }
}

int32_t serverPort(const Server* server) noexcept { return server->port(); }
ServerCounters serverCounters(const Server* server) noexcept { return server->counters(); }

void stopServer(Server* server) noexcept {
    try {
        server->stop();
    } catch (...) {
        // Only a mutex or a log line can fail here; the threads have been told to end either way.
    }
}

void freeServer(Server* server) noexcept { delete server; }

}  // namespace wire
