#include "NameLookup.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <memory>

#include "Sockets.h"

namespace wire {

namespace {

/// What a silent name server may hold of our threads.
constexpr int maximumLookups = 64;
constexpr size_t stackBytes = 256 << 10;
std::atomic<int> runningLookups{0};

int ask(const std::string& host, int32_t port, int flags, addrinfo** first, int& systemError) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, first);
    systemError = code == EAI_SYSTEM ? errno : 0;
    return code;
}

std::string explain(const std::string& host, int code, int systemError) {
    return "can't resolve '" + host + "': " + (code == EAI_SYSTEM ? errorText(systemError) : gai_strerror(code));
}

/// Shared by the thread that asks and the one that waits; whoever is last frees the answer.
struct Lookup {
    const std::string host;
    const int32_t port;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed;
    bool isDone = false;
    int code = 0;
    int systemError = 0;
    AddressList list;

    Lookup(const std::string& host, int32_t port) : host(host), port(port) {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&changed, &attributes);
        pthread_condattr_destroy(&attributes);
        runningLookups++;
    }
    ~Lookup() { pthread_cond_destroy(&changed); }

    void run() {
        addrinfo* found = nullptr;
        int askedSystemError = 0;
        int asked = ask(host, port, 0, &found, askedSystemError);
        pthread_mutex_lock(&mutex);
        code = asked;
        systemError = askedSystemError;
        list.first = asked == 0 ? found : nullptr;
        isDone = true;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&mutex);
        runningLookups--;
    }

    /// False when `deadline` passed first.
    bool wait(int64_t deadline) {
        timespec until{static_cast<time_t>(deadline / 1000000000), static_cast<long>(deadline % 1000000000)};
        pthread_mutex_lock(&mutex);
        while (!isDone && pthread_cond_timedwait(&changed, &mutex, &until) != ETIMEDOUT) {
        }
        bool done = isDone;
        pthread_mutex_unlock(&mutex);
        return done;
    }
};

void* lookupMain(void* context) {
    std::unique_ptr<std::shared_ptr<Lookup>> lookup(static_cast<std::shared_ptr<Lookup>*>(context));
    (*lookup)->run();
    return nullptr;
}

/// 0, or the errno of why there is no thread.
int start(const std::shared_ptr<Lookup>& lookup) {
    auto context = std::make_unique<std::shared_ptr<Lookup>>(lookup);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stackBytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    // Signals are the process' affair.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int code = pthread_create(&thread, &attributes, lookupMain, context.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (code == 0) context.release();
    return code;
}

}  // namespace

bool parseNumeric(const std::string& address, int32_t port, int flags, AddressList& list, std::string& error) {
    int systemError = 0;
    int code = ask(address, port, flags | AI_NUMERICHOST, &list.first, systemError);
    if (code == 0) return true;
    error = explain(address, code, systemError);
    return false;
}

LookupResult lookUp(
    const std::string& host, int32_t port, int64_t deadline, AddressList& list, std::string& error) {
    if (std::string unused; parseNumeric(host, port, 0, list, unused)) return LookupResult::found;
    if (runningLookups >= maximumLookups) {
        error = "can't resolve '" + host + "': " + std::to_string(maximumLookups) +
                " name lookups are unanswered already; is the name server of /etc/resolv.conf alive?";
        return LookupResult::failed;
    }
    auto lookup = std::make_shared<Lookup>(host, port);
    if (int code = start(lookup); code != 0) {
        runningLookups--;
        error = "can't resolve '" + host + "': no thread for the lookup: " + errorText(code);
        return LookupResult::failed;
    }
    if (!lookup->wait(deadline)) {
        error = "can't resolve '" + host + "': the name server does not answer";
        return LookupResult::timedOut;
    }
    if (lookup->code != 0) {
        error = explain(host, lookup->code, lookup->systemError);
        return LookupResult::failed;
    }
    std::swap(list.first, lookup->list.first);
    return LookupResult::found;
}

}  // namespace wire
