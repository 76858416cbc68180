#include "gen/BackendService.h"
#include "gen/FrontendService.h"
#include "gen/HeartbeatService.h"
#include "Service.h"

namespace wire {

namespace {

// A handler gives its callbacks' context back when it goes.

class HeartbeatCalls final : public HeartbeatServiceIf {
public:
    explicit HeartbeatCalls(const HeartbeatCallbacks& callbacks) : calls_(callbacks) {}
    ~HeartbeatCalls() override { calls_.release(calls_.context); }

    void heartbeat(THeartbeatResult& result, const TMasterInfo& master) override {
        calls_.heartbeat(calls_.context, &master, &result);
    }

private:
    HeartbeatCallbacks calls_;
};

class BackendCalls final : public BackendServiceIf {
public:
    explicit BackendCalls(const BackendCallbacks& callbacks) : calls_(callbacks) {}
    ~BackendCalls() override { calls_.release(calls_.context); }

    void submit_tasks(TAgentResult& result, const std::vector<TAgentTaskRequest>& tasks) override {
        calls_.submitTasks(calls_.context, tasks.data(), tasks.size(), &result);
    }
    void make_snapshot(TAgentResult& result, const TSnapshotRequest& request) override {
        calls_.makeSnapshot(calls_.context, &request, &result);
    }
    void release_snapshot(TAgentResult& result, const std::string& path) override {
        calls_.releaseSnapshot(calls_.context, &path, &result);
    }
    void publish_cluster_state(TAgentResult& result, const TAgentPublishRequest&) override {
        calls_.publishClusterState(calls_.context, &result);
    }
    void get_tablet_stat(TTabletStatResult& result) override { calls_.tabletStats(calls_.context, &result); }
    int64_t get_trash_used_capacity() override { return calls_.trashUsedBytes(calls_.context); }
    void get_disk_trash_used_capacity(std::vector<TDiskTrashInfo>& result) override {
        calls_.diskTrash(calls_.context, &result);
    }
    void clean_trash() override { calls_.cleanTrash(calls_.context); }
    void check_storage_format(TCheckStorageFormatResult& result) override {
        calls_.checkStorageFormat(calls_.context, &result);
    }
    /// There are no stream loads, so there are no records: the whole truth.
    void get_stream_load_record(TStreamLoadRecordResult&, int64_t) override {}

private:
    BackendCallbacks calls_;
};

class FrontendCalls final : public FrontendServiceNull {
public:
    explicit FrontendCalls(const FrontendCallbacks& callbacks) : calls_(callbacks) {}
    ~FrontendCalls() override { calls_.release(calls_.context); }

    void finishTask(TMasterResult& result, const TFinishTaskRequest& request) override {
        calls_.finishTask(calls_.context, &request, &result);
    }
    void ping(TFrontendPingFrontendResult& result, const TFrontendPingFrontendRequest& request) override {
        calls_.ping(calls_.context, &request, &result);
    }
    void refreshStoragePolicy(TGetStoragePolicyResult& result) override {
        calls_.refreshStoragePolicy(calls_.context, &result);
    }
    void confirmUnusedRemoteFiles(TConfirmUnusedRemoteFilesResult& result,
                                  const TConfirmUnusedRemoteFilesRequest& request) override {
        calls_.confirmUnusedRemoteFiles(calls_.context, &request, &result);
    }
    bool rawReport(const uint8_t* bytes, size_t count, TMasterResult& result, std::string& error) {
        return calls_.report(calls_.context, bytes, count, &result, &error);
    }

private:
    FrontendCallbacks calls_;
};

class HeartbeatPort final : public Service {
public:
    explicit HeartbeatPort(const HeartbeatCallbacks& callbacks)
        : processor_(std::make_shared<HeartbeatCalls>(callbacks)) {}
    apache::thrift::TProcessor& processor() override { return processor_; }

private:
    HeartbeatServiceProcessor processor_;
};

class BackendPort final : public Service {
public:
    explicit BackendPort(const BackendCallbacks& callbacks) : processor_(std::make_shared<BackendCalls>(callbacks)) {}
    apache::thrift::TProcessor& processor() override { return processor_; }
    int64_t elementBytes() const override { return sizeof(TAgentTaskRequest); }

private:
    BackendServiceProcessor processor_;
};

class FrontendPort final : public Service {
public:
    explicit FrontendPort(const FrontendCallbacks& callbacks)
        : calls_(std::make_shared<FrontendCalls>(callbacks)), processor_(calls_) {}
    apache::thrift::TProcessor& processor() override { return processor_; }

    bool serves(std::string_view method) const override {
        return method != "forward" && method != "fetchResource" && method != "snapshotLoaderReport" &&
               method != "initExternalCtlMeta";
    }
    bool takesRawReports() const override { return true; }
    bool report(const uint8_t* bytes, size_t count, TMasterResult& result, std::string& error) override {
        return calls_->rawReport(bytes, count, result, error);
    }

private:
    std::shared_ptr<FrontendCalls> calls_;
    FrontendServiceProcessor processor_;
};

}  // namespace

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
