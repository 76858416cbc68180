#include "Channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace wire {

namespace {

constexpr int64_t maxReplyElements = 16000000;
/// How long a call looks for its answer before it sleeps for it.
///
/// A sleeping thread takes longer to wake than a quick peer to answer: on an idle virtual machine some 50 us, which the peer
/// needs to wake as well. Of heartbeats one after the other, between two processes there, 7,300 a second were answered with
/// 20 us and 15,200 to 17,700 with this; two bare processes that block in `recv` did 12,400 rounds.
constexpr int64_t lookNanoseconds = 100000;
constexpr const char* abandonedText = "the caller does not wait for this peer any more";

/// Whether `fd` has something to read: bytes, the end or an error, which the read that follows tells. Never blocks.
bool hasArrived(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
}

}  // namespace

Channel::Channel(std::string host, int32_t port, const ClientOptions& options)
    : host_(std::move(host)),
      port_(port),
      options_(options),
      keys_(options.tls ? options.tls->keys : nullptr),
      replyLimits_{options.maxReplyBytes, options.maxReplyBytes, maxReplyElements, 16 * options.maxReplyBytes},
      budget_(INT64_MAX) {
    idle_.reserve(static_cast<size_t>(std::max(options.maxIdleConnections, 0)));
}

Stream Channel::popIdle() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return {};
    Stream kept = std::move(idle_.back());
    idle_.pop_back();
    return kept;
}

bool Channel::lease(bool fresh, int64_t deadline, Lease& out, CallFailure& failure) {
    if (isAbandoned()) {
        failure.code = callClosed;
        failure.message = abandonedText;
        failure.mayHaveRun = failure.wasStale = false;
        return false;
    }
    while (!fresh) {
        Stream kept = popIdle();
        if (!kept) break;
        // Nothing may be waiting on a kept connection; bytes or an end mean that it is of no use any more.
        if (!hasArrived(kept.socket())) {
            out = Lease{std::move(kept), true};
            return true;
        }
    }
    std::string error;
    int64_t connectDeadline = std::min(deadline, now() + options_.connectTimeoutMs * 1000000);
    Descriptor socket;
    ConnectResult result = connectTo(host_, port_, connectDeadline, socket, error);
    if (result == ConnectResult::connected) {
        out.stream = Stream(std::move(socket));
        out.isKept = false;
        return !keys_ || greet(out.stream, connectDeadline, failure);
    }
    bool isTimeout = result == ConnectResult::timedOut;
    return failToConnect(failure, isTimeout,
                         isTimeout ? "no connection within " + std::to_string(options_.connectTimeoutMs) + " ms" +
                                         (error.empty() ? "" : ": " + error)
                                   : "can't connect: " + error);
}

bool Channel::failToConnect(CallFailure& failure, bool isTimeout, std::string message) {
    failure.code = isTimeout ? callTimeout : callConnect;
    failure.message = std::move(message);
    failure.mayHaveRun = failure.wasStale = false;
    return false;
}

/// TLS on a new connection.
bool Channel::greet(Stream& stream, int64_t deadline, CallFailure& failure) {
    std::shared_ptr<SSL_CTX> keys = keys_->forCalling();
    if (!keys || !stream.connect(keys.get(), host_)) return failToConnect(failure, false, "TLS can't be begun with " + host_);
    while (true) {
        switch (stream.shake()) {
        case Stream::Handshake::done: return true;
        case Stream::Handshake::failed: return failToConnect(failure, false, stream.problem());
        case Stream::Handshake::waits: break;
        }
        if (!waitFor(stream.socket(), stream.awaits(), deadline)) {
            return failToConnect(failure, true,
                                 "no TLS handshake within " + std::to_string(options_.connectTimeoutMs) + " ms");
        }
    }
}

void Channel::giveBack(Stream stream) {
    std::lock_guard lock(mutex_);
    if (!isAbandoned_ && idle_.size() < static_cast<size_t>(std::max(options_.maxIdleConnections, 0))) {
        idle_.push_back(std::move(stream));
    }
}

void Channel::abandon() {
    std::lock_guard lock(mutex_);
    isAbandoned_ = true;
    for (int socket : out_) ::shutdown(socket, SHUT_RDWR);
    idle_.clear();
}

bool Channel::isAbandoned() {
    std::lock_guard lock(mutex_);
    return isAbandoned_;
}

void Channel::out(int socket) {
    std::lock_guard lock(mutex_);
    out_.push_back(socket);
    // Abandoned while it was being connected: as those that were out then.
    if (isAbandoned_) ::shutdown(socket, SHUT_RDWR);
}

void Channel::gone(int socket) {
    std::lock_guard lock(mutex_);
    out_.erase(std::remove(out_.begin(), out_.end(), socket), out_.end());
}

Exchange::Exchange(Channel& channel, Channel::Lease lease, int64_t deadline)
    : channel_(channel),
      lease_(std::move(lease)),
      deadline_(deadline),
      walker_(channel.replyLimits(), channel.replyLimits(), true, 512),
      buffer_(channel.budget()) {
    channel_.out(lease_.stream.socket());
}

Exchange::~Exchange() {
    if (lease_.stream) channel_.gone(lease_.stream.socket());
}

bool Exchange::fail(CallFailure& failure, int32_t code, std::string message) {
    failure.code = code;
    failure.mayHaveRun = sent_ > 0;
    bool isAbandoned = channel_.isAbandoned();
    if (isAbandoned) message = abandonedText;
    failure.wasStale = lease_.isKept && code == callClosed && buffer_.size() == 0 && !isAbandoned;
    failure.message = std::move(message);
    return false;
}

/// The peer carries nothing out for this side.
bool Exchange::failRefused(CallFailure& failure, std::string message) {
    fail(failure, callConnect, std::move(message));
    failure.mayHaveRun = false;
    return false;
}

/// After a stream's error, which errno has.
bool Exchange::failBroken(CallFailure& failure, const char* what) {
    int code = errno;
    const Stream& stream = lease_.stream;
    if (code != EPROTO || !stream.isTLS()) return fail(failure, callClosed, what + errorText(code));
    return stream.isRefused() ? failRefused(failure, stream.problem()) : fail(failure, callClosed, stream.problem());
}

/// A server for TLS alone answers what is not TLS with an alert of TLS.
bool Exchange::isPlainRefusal() {
    return !lease_.stream.isTLS() && buffer_.size() > begin_ + 1 && buffer_.data()[begin_] == 0x15 &&
           buffer_.data()[begin_ + 1] == 0x03;
}

bool Exchange::send(const void* bytes, size_t count, CallFailure& failure) {
    const char* from = static_cast<const char*>(bytes);
    while (count > 0) {
        ssize_t written = lease_.stream.send(from, count);
        if (written >= 0) {
            from += written;
            count -= static_cast<size_t>(written);
            sent_ += static_cast<size_t>(written);
        } else if (errno == EAGAIN) {
            if (!waitFor(lease_.stream.socket(), lease_.stream.awaits(), deadline_)) {
                return fail(failure, callTimeout, "the peer did not take the request in time");
            }
        } else if (errno != EINTR) {
            return failBroken(failure, "the peer closed the connection: ");
        }
    }
    return true;
}

/// Waits for the next bytes of the answer; false at the deadline.
bool Exchange::awaitBytes() {
    if (lease_.stream.hasPending()) return true;
    int64_t until = now() + (looksFirst_ ? lookNanoseconds : 0);
    do {
        if (hasArrived(lease_.stream.socket())) return true;
    } while (now() < until);
    return waitFor(lease_.stream.socket(), lease_.stream.awaits(), deadline_);
}

void Exchange::next(int64_t deadline) {
    begin_ += walker_.position();
    walker_.reset();
    deadline_ = deadline;
}

bool Exchange::receive(CallFailure& failure) {
    while (true) {
        if (isPlainRefusal()) {
            return failRefused(failure, "the peer takes TLS alone on this port, and TLS is off on this side");
        }
        if (buffer_.size() > begin_) {
            switch (walker_.walk(buffer_.data() + begin_, buffer_.size() - begin_)) {
            case Progress::needMore: break;
            case Progress::complete: return true;
            case Progress::refused:
                return fail(failure, callProtocol, std::string("unusable answer: ") + walker_.refusal());
            }
        }
        if (!awaitBytes()) return fail(failure, callTimeout, "no answer in time");
        if (!buffer_.grow(1)) return fail(failure, callTooLarge, "no memory for the answer");
        ssize_t count = lease_.stream.receive(buffer_.tail(), buffer_.room());
        if (count == 0) return fail(failure, callClosed, "the peer closed the connection without an answer");
        if (count < 0) {
            if (errno == EAGAIN || errno == EINTR) continue;
            return failBroken(failure, "the connection broke: ");
        }
        buffer_.added(static_cast<size_t>(count));
    }
}

void Exchange::keep() {
    if (buffer_.size() != begin_ + walker_.position()) return;
    channel_.gone(lease_.stream.socket());
    channel_.giveBack(std::move(lease_.stream));
}

}  // namespace wire
