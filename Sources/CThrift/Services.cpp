#include "gen/BackendService.h"
#include "gen/FrontendService.h"
#include "gen/HeartbeatService.h"
#include "Service.h"

namespace wire {

thread_local const char* currentCaller = "";

namespace {

/// A handler over callbacks; it gives their context back when it goes.
template <class Interface, class Callbacks>
class CallsOf : public Interface {
public:
    explicit CallsOf(const Callbacks& callbacks) : calls_(callbacks) {}
    ~CallsOf() override { calls_.release(calls_.context); }

protected:
    const Callbacks calls_;
};

class HeartbeatCalls final : public CallsOf<HeartbeatServiceIf, HeartbeatCallbacks> {
public:
    using CallsOf::CallsOf;

    void heartbeat(THeartbeatResult& result, const TMasterInfo& master) override {
        calls_.heartbeat(calls_.context, currentCaller, &master, &result);
    }
};

class BackendCalls final : public CallsOf<BackendServiceIf, BackendCallbacks> {
public:
    using CallsOf::CallsOf;

    void submit_tasks(TAgentResult& result, const std::vector<TAgentTaskRequest>& tasks) override {
        calls_.submitTasks(calls_.context, currentCaller, tasks.data(), tasks.size(), &result);
    }
    void make_snapshot(TAgentResult& result, const TSnapshotRequest& request) override {
        calls_.makeSnapshot(calls_.context, &request, &result);
    }
    void release_snapshot(TAgentResult& result, const std::string& path) override {
        calls_.releaseSnapshot(calls_.context, &path, &result);
    }
    void publish_cluster_state(TAgentResult& result, const TAgentPublishRequest&) override {
        calls_.publishClusterState(calls_.context, currentCaller, &result);
    }
    void get_tablet_stat(TTabletStatResult& result) override { calls_.tabletStats(calls_.context, &result); }
    int64_t get_trash_used_capacity() override { return calls_.trashUsedBytes(calls_.context); }
    void get_disk_trash_used_capacity(std::vector<TDiskTrashInfo>& result) override {
        calls_.diskTrash(calls_.context, &result);
    }
    void clean_trash() override { calls_.cleanTrash(calls_.context, currentCaller); }
    void check_storage_format(TCheckStorageFormatResult& result) override {
        calls_.checkStorageFormat(calls_.context, &result);
    }
    /// There are no stream loads, so there are no records: the whole truth.
    void get_stream_load_record(TStreamLoadRecordResult&, int64_t) override {}
    /// Topics are workload groups and policies of a query engine, which this is not: nothing is taken, and an FE that sends
    /// them every 30 s has no reason to complain.
    void publish_topic_info(TPublishTopicResult& result, const TPublishTopicRequest&) override {
        result.status.status_code = TStatusCode::OK;
    }
};

class FrontendCalls final : public CallsOf<FrontendServiceNull, FrontendCallbacks> {
public:
    using CallsOf::CallsOf;

    void finishTask(TMasterResult& result, const TFinishTaskRequest& request) override {
        calls_.finishTasks(calls_.context, &request, 1, &result);
    }
    void ping(TFrontendPingFrontendResult& result, const TFrontendPingFrontendRequest& request) override {
        calls_.ping(calls_.context, &request, &result);
    }
    void refreshStoragePolicy(TGetStoragePolicyResult& result, const bool isTabletd) override {
        calls_.refreshStoragePolicy(calls_.context, isTabletd, &result);
    }
    void fetchResource(TFetchResourceResult& result) override { calls_.fetchResource(calls_.context, &result); }
    void forward(TMasterOpResult& result, const TMasterOpRequest& request) override {
        calls_.forward(calls_.context, &request, &result);
    }
    void initExternalCtlMeta(TInitExternalCtlMetaResult& result, const TInitExternalCtlMetaRequest&) override {
        calls_.initExternalCtlMeta(calls_.context, &result);
    }
    void confirmUnusedRemoteFiles(TConfirmUnusedRemoteFilesResult& result,
                                  const TConfirmUnusedRemoteFilesRequest& request) override {
        calls_.confirmUnusedRemoteFiles(calls_.context, &request, &result);
    }
    void snapshotLoaderReport(TStatus& result, const TSnapshotLoaderReportRequest& request) override {
        calls_.snapshotLoaderReport(calls_.context, &request, &result);
    }
    bool rawReport(const uint8_t* bytes, size_t count, TMasterResult& result, std::string& error) {
        return calls_.report(calls_.context, bytes, count, &result, &error);
    }
    const FrontendCallbacks& callbacks() const { return calls_; }
};

template <class Calls, class Processor>
class Port : public Service {
public:
    template <class Callbacks>
    explicit Port(const Callbacks& callbacks) : calls_(std::make_shared<Calls>(callbacks)), processor_(calls_) {}
    apache::thrift::TProcessor& processor() override { return processor_; }

protected:
    const std::shared_ptr<Calls> calls_;

private:
    Processor processor_;
};

using HeartbeatPort = Port<HeartbeatCalls, HeartbeatServiceProcessor>;

class BackendPort final : public Port<BackendCalls, BackendServiceProcessor> {
public:
    using Port::Port;
    int64_t elementBytes() const override { return sizeof(TAgentTaskRequest); }
};

class FrontendPort final : public Port<FrontendCalls, FrontendServiceProcessor> {
public:
    using Port::Port;

    bool takesRawReports() const override { return true; }
    bool report(const uint8_t* bytes, size_t count, TMasterResult& result, std::string& error) override {
        return calls_->rawReport(bytes, count, result, error);
    }
    void* beginReport() override { return calls_->callbacks().beginReport(calls_->callbacks().context); }
    bool readReport(void* reader, const uint8_t* bytes, size_t count, size_t& used, std::string& error) override {
        return calls_->callbacks().readReport(reader, bytes, count, &used, &error);
    }
    bool endReport(void* reader, const uint8_t* bytes, size_t count, TMasterResult& result,
                   std::string& error) override {
        const FrontendCallbacks& calls = calls_->callbacks();
        return calls.endReport(calls.context, reader, bytes, count, &result, &error);
    }
    void dropReport(void* reader) override { calls_->callbacks().dropReport(reader); }
    bool takesEnds() const override { return true; }
    void readEnd(apache::thrift::protocol::TProtocol& in, TFinishTaskRequest& end) override {
        FrontendService_finishTask_args arguments;
        arguments.read(&in);
        in.readMessageEnd();
        end = std::move(arguments.request);
    }
    void finishTasks(const std::vector<TFinishTaskRequest>& ends, std::vector<TMasterResult>& results) override {
        results.assign(ends.size(), TMasterResult());
        calls_->callbacks().finishTasks(calls_->callbacks().context, ends.data(), ends.size(), results.data());
    }
};

}  // namespace

void writeSuccess(apache::thrift::protocol::TProtocol& out, const TMasterResult& result) {
    out.writeStructBegin("result");
    out.writeFieldBegin("success", apache::thrift::protocol::T_STRUCT, 0);
    result.write(&out);
    out.writeFieldEnd();
    out.writeFieldStop();
    out.writeStructEnd();
}

std::unique_ptr<Service> makeService(const HeartbeatCallbacks& callbacks) {
    return std::make_unique<HeartbeatPort>(callbacks);
}
std::unique_ptr<Service> makeService(const BackendCallbacks& callbacks) {
    return std::make_unique<BackendPort>(callbacks);
}
std::unique_ptr<Service> makeService(const FrontendCallbacks& callbacks) {
    return std::make_unique<FrontendPort>(callbacks);
}

}  // namespace wire
