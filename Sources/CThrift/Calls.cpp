// The calls: generated clients write and read over memory, an Exchange moves the bytes.

#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <limits>

#include "Channel.h"
#include "gen/BackendService.h"
#include "gen/FrontendService.h"
#include "gen/HeartbeatService.h"

namespace wire {

namespace {

using apache::thrift::TApplicationException;
using apache::thrift::TConfiguration;
using apache::thrift::TException;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TMemoryBuffer;

std::shared_ptr<TConfiguration> unlimited() {
    return std::make_shared<TConfiguration>(std::numeric_limits<int>::max());
}

int64_t deadlineAfter(int64_t milliseconds) { return now() + milliseconds * 1000000; }

CallOutcome outcomeOf(const CallFailure& failure) {
    CallOutcome outcome;
    outcome.code = failure.code;
    outcome.mayHaveRun = failure.mayHaveRun;
    outcome.message = failure.message;
    return outcome;
}

CallOutcome outcome(int32_t code, std::string message) {
    return outcomeOf(CallFailure{code, true, false, std::move(message)});
}

/// The answer's bytes into the caller's result. After the last one the connection is kept.
template <class Client, class Receive>
CallOutcome readReply(Exchange& exchange, Receive receive, bool isLast = true) {
    auto configuration = unlimited();
    auto in = std::make_shared<TMemoryBuffer>(exchange.reply(), static_cast<uint32_t>(exchange.replySize()),
                                              TMemoryBuffer::OBSERVE, configuration);
    auto protocol = std::make_shared<TBinaryProtocol>(in);
    protocol->setStrict(true, true);
    try {
        Client client(protocol);
        receive(client);
        if (isLast) exchange.keep();
        return {};
    } catch (const TApplicationException& error) {
        if (isLast) exchange.keep();
        bool isUnknown = error.getType() == TApplicationException::UNKNOWN_METHOD;
        return outcome(isUnknown ? callUnknownMethod : callOther, std::string("the peer answered: ") + error.what());
    } catch (const TException& error) {
        return outcome(callProtocol, std::string("can't read the answer: ") + error.what());
    }
}

/// Lets no exception out.
template <class Body>
CallOutcome guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        CallOutcome failed;
        failed.code = callOther;
        failed.mayHaveRun = true;
        try {
            failed.message = error.what();
        } catch (...) {
            failed.message.clear();
        }
        return failed;
    } catch (...) {
        CallOutcome failed;
        failed.code = callOther;
        failed.mayHaveRun = true;
        return failed;
    }
}

/// One call, tried again on a new connection when the kept one turns out to be closed.
template <class Client, class Send, class Receive>
CallOutcome call(Channel& channel, Send send, Receive receive) noexcept {
    return guarded([&]() -> CallOutcome {
        auto out = std::make_shared<TMemoryBuffer>(512, unlimited());
        {
            auto protocol = std::make_shared<TBinaryProtocol>(out);
            Client client(protocol);
            send(client);
        }
        uint8_t* bytes;
        uint32_t size;
        out->getBuffer(&bytes, &size);
        int64_t deadline = deadlineAfter(channel.options().callTimeoutMs);
        CallFailure failure;
        for (bool fresh : {false, true}) {
            Channel::Lease lease;
            if (!channel.lease(fresh, deadline, lease, failure)) return outcomeOf(failure);
            Exchange exchange(channel, std::move(lease), deadline);
            if (exchange.send(bytes, size, failure) && exchange.receive(failure)) {
                return readReply<Client>(exchange, receive);
            }
            if (!failure.wasStale) break;
        }
        return outcomeOf(failure);
    });
}

}  // namespace

Channel* makeChannel(const Text& host, int32_t port, const ClientOptions& options) noexcept {
    try {
        return new Channel(host, port, options);
    } catch (...) {
        return nullptr;
    }
}

void freeChannel(Channel* channel) noexcept { delete channel; }

void abandonCalls(Channel* channel) noexcept {
    if (channel != nullptr) channel->abandon();
}

// --- heartbeat ---------------------------------------------------------------------------------------------

CallOutcome callHeartbeat(Channel* channel, const TMasterInfo& master, THeartbeatResult& result) noexcept {
    return call<HeartbeatServiceClient>(
        *channel, [&](auto& client) { client.send_heartbeat(master); },
        [&](auto& client) { client.recv_heartbeat(result); });
}

// --- backend -----------------------------------------------------------------------------------------------

CallOutcome callSubmitTasks(Channel* channel, const TaskList& tasks, TAgentResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [&](auto& client) { client.send_submit_tasks(tasks); },
        [&](auto& client) { client.recv_submit_tasks(result); });
}

CallOutcome callGetTabletStat(Channel* channel, TTabletStatResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [](auto& client) { client.send_get_tablet_stat(); },
        [&](auto& client) { client.recv_get_tablet_stat(result); });
}

CallOutcome callMakeSnapshot(Channel* channel, const TSnapshotRequest& request, TAgentResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [&](auto& client) { client.send_make_snapshot(request); },
        [&](auto& client) { client.recv_make_snapshot(result); });
}

CallOutcome callReleaseSnapshot(Channel* channel, const Text& path, TAgentResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [&](auto& client) { client.send_release_snapshot(path); },
        [&](auto& client) { client.recv_release_snapshot(result); });
}

CallOutcome callPublishClusterState(Channel* channel, TAgentResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [](auto& client) { client.send_publish_cluster_state(TAgentPublishRequest()); },
        [&](auto& client) { client.recv_publish_cluster_state(result); });
}

CallOutcome callTrashUsedCapacity(Channel* channel, int64_t& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [](auto& client) { client.send_get_trash_used_capacity(); },
        [&](auto& client) { result = client.recv_get_trash_used_capacity(); });
}

CallOutcome callDiskTrash(Channel* channel, DiskTrashList& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [](auto& client) { client.send_get_disk_trash_used_capacity(); },
        [&](auto& client) { client.recv_get_disk_trash_used_capacity(result); });
}

CallOutcome callCheckStorageFormat(Channel* channel, TCheckStorageFormatResult& result) noexcept {
    return call<BackendServiceClient>(
        *channel, [](auto& client) { client.send_check_storage_format(); },
        [&](auto& client) { client.recv_check_storage_format(result); });
}

/// A oneway call has no answer; a second call on the same connection proves that it arrived.
CallOutcome callCleanTrash(Channel* channel) noexcept {
    int64_t ignored = 0;
    return call<BackendServiceClient>(
        *channel,
        [](auto& client) {
            client.send_clean_trash();
            client.send_get_trash_used_capacity();
        },
        [&](auto& client) { ignored = client.recv_get_trash_used_capacity(); });
}

// --- frontend ----------------------------------------------------------------------------------------------

CallOutcome callFinishTask(Channel* channel, const TFinishTaskRequest& request, TMasterResult& result) noexcept {
    return call<FrontendServiceClient>(
        *channel, [&](auto& client) { client.send_finishTask(request); },
        [&](auto& client) { client.recv_finishTask(result); });
}

CallOutcome callFinishTasks(Channel* channel, const FinishTaskList& requests, MasterResultList& results) noexcept {
    if (requests.empty()) return {};
    return guarded([&]() -> CallOutcome {
        results.reserve(requests.size());
        auto out = std::make_shared<TMemoryBuffer>(512, unlimited());
        {
            FrontendServiceClient client(std::make_shared<TBinaryProtocol>(out));
            for (const TFinishTaskRequest& request : requests) client.send_finishTask(request);
        }
        uint8_t* bytes;
        uint32_t size;
        out->getBuffer(&bytes, &size);
        int64_t allowed = channel->options().callTimeoutMs;
        CallFailure failure;
        for (bool fresh : {false, true}) {
            int64_t deadline = deadlineAfter(allowed);
            Channel::Lease lease;
            if (!channel->lease(fresh, deadline, lease, failure)) return outcomeOf(failure);
            Exchange exchange(*channel, std::move(lease), deadline);
            exchange.sleepAtOnce();
            if (!exchange.send(bytes, size, failure)) {
                if (!failure.wasStale) break;
                continue;
            }
            while (exchange.receive(failure)) {
                TMasterResult result;
                CallOutcome read = readReply<FrontendServiceClient>(
                    exchange, [&](auto& client) { client.recv_finishTask(result); },
                    results.size() + 1 == requests.size());
                if (read.code != callOK) return read;
                results.push_back(std::move(result));
                if (results.size() == requests.size()) return {};
                exchange.next(deadlineAfter(allowed));
            }
            if (!results.empty() || !failure.wasStale) break;
        }
        return outcomeOf(failure);
    });
}

namespace {

/// Generated code would write our argument always; an FE that is not ours gets none.
template <class Client>
void sendRefreshStoragePolicy(Client& client, bool isTabletd) {
    if (isTabletd) return client.send_refreshStoragePolicy(true);
    auto out = client.getOutputProtocol();
    out->writeMessageBegin("refreshStoragePolicy", apache::thrift::protocol::T_CALL, 0);
    out->writeStructBegin("args");
    out->writeFieldStop();
    out->writeStructEnd();
    out->writeMessageEnd();
    out->getTransport()->writeEnd();
    out->getTransport()->flush();
}

}  // namespace

CallOutcome callRefreshStoragePolicy(Channel* channel, bool isTabletd, TGetStoragePolicyResult& result) noexcept {
    return call<FrontendServiceClient>(
        *channel, [&](auto& client) { sendRefreshStoragePolicy(client, isTabletd); },
        [&](auto& client) { client.recv_refreshStoragePolicy(result); });
}

CallOutcome callPing(Channel* channel, const TFrontendPingFrontendRequest& request,
                     TFrontendPingFrontendResult& result) noexcept {
    return call<FrontendServiceClient>(
        *channel, [&](auto& client) { client.send_ping(request); }, [&](auto& client) { client.recv_ping(result); });
}

CallOutcome callConfirmUnusedRemoteFiles(Channel* channel, const TConfirmUnusedRemoteFilesRequest& request,
                                         TConfirmUnusedRemoteFilesResult& result) noexcept {
    return call<FrontendServiceClient>(
        *channel, [&](auto& client) { client.send_confirmUnusedRemoteFiles(request); },
        [&](auto& client) { client.recv_confirmUnusedRemoteFiles(result); });
}

CallOutcome callSnapshotLoaderReport(Channel* channel, const TSnapshotLoaderReportRequest& request,
                                     TStatus& result) noexcept {
    return call<FrontendServiceClient>(
        *channel, [&](auto& client) { client.send_snapshotLoaderReport(request); },
        [&](auto& client) { client.recv_snapshotLoaderReport(result); });
}

// --- report, written by the caller -------------------------------------------------------------------------

class ReportCall {
public:
    ReportCall(Channel& channel, Channel::Lease lease, int64_t deadline)
        : exchange(channel, std::move(lease), deadline) {}
    Exchange exchange;
    CallFailure failure;
    bool hasFailed = false;
};

ReportCall* beginReport(Channel* channel, bool fresh, CallOutcome& outcome) noexcept {
    // Message header (strict, CALL, "report", sequence 0), then field 1 of the arguments: a struct.
    static const uint8_t head[] = {0x80, 0x01, 0x00, 0x01, 0, 0, 0, 6, 'r', 'e', 'p',
                                   'o',  'r',  't',  0,    0, 0, 0, 12, 0,  1};
    try {
        int64_t deadline = deadlineAfter(channel->options().reportTimeoutMs);
        CallFailure failure;
        for (bool again : {fresh, true}) {
            Channel::Lease lease;
            if (!channel->lease(again, deadline, lease, failure)) break;
            auto call = std::make_unique<ReportCall>(*channel, std::move(lease), deadline);
            if (call->exchange.send(head, sizeof head, failure)) return call.release();
            if (!failure.wasStale) break;
        }
        outcome = outcomeOf(failure);
    } catch (...) {
        outcome.code = callOther;
    }
    return nullptr;
}

bool writeReport(ReportCall* call, const void* bytes, size_t count) noexcept {
    if (call->hasFailed) return false;
    try {
        call->hasFailed = !call->exchange.send(bytes, count, call->failure);
    } catch (...) {
        call->hasFailed = true;
    }
    return !call->hasFailed;
}

CallOutcome finishReport(ReportCall* call, TMasterResult& result) noexcept {
    static const uint8_t stop = 0;
    try {
        if (!writeReport(call, &stop, 1) || !call->exchange.receive(call->failure)) {
            call->hasFailed = true;
            return outcomeOf(call->failure);
        }
        return readReply<FrontendServiceClient>(call->exchange, [&](auto& client) { client.recv_report(result); });
    } catch (...) {
        CallOutcome failed;
        failed.code = callOther;
        failed.mayHaveRun = true;
        return failed;
    }
}

bool reportFoundClosedConnection(const ReportCall* call) noexcept { return call->hasFailed && call->failure.wasStale; }

void freeReportCall(ReportCall* call) noexcept { delete call; }

}  // namespace wire
