// What Swift sees of Thrift: the generated structs, servers that call back, and calls with a deadline.
//
// No function here throws, and none lets an exception out of a callback's caller: a C++ exception never meets a Swift
// frame. Objects made here are freed by the function named next to their maker. Text is UTF-8.

#pragma once

#ifdef __cplusplus

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../gen/backend_types.h"
#include "../gen/frontend_types.h"
#include "../gen/heartbeat_types.h"

namespace wire {

// --- names for the containers that Swift fills or reads ----------------------------------------------------

using Text = std::string;
using TextList = std::vector<std::string>;
using LongList = std::vector<int64_t>;
using TaskList = std::vector<TAgentTaskRequest>;
using FinishTaskList = std::vector<TFinishTaskRequest>;
using MasterResultList = std::vector<TMasterResult>;
using TabletInfoList = std::vector<TTabletInfo>;
using TabletStatList = std::vector<TTabletStat>;
using DiskTrashList = std::vector<TDiskTrashInfo>;

inline Text makeText(const char* _Nullable bytes, size_t count) { return count == 0 ? Text() : Text(bytes, count); }
/// An older backend fills the map, a newer one the list.
inline TabletStatList statsOf(const TTabletStatResult& result) {
    if (result.__isset.tablet_stat_list) return result.tablet_stat_list;
    TabletStatList list;
    for (const auto& entry : result.tablets_stats) list.push_back(entry.second);
    return list;
}

/// Maps of the wire, as lists that Swift can walk, and entry by entry the other way.
struct LongPair {
    int64_t key;
    int64_t value;
};
struct TextPair {
    Text key;
    Text value;
};
struct TextsOfLong {
    int64_t key;
    TextList texts;
};
using LongMap = std::map<int64_t, int64_t>;
using TextMap = std::map<Text, Text>;
using TextsMap = std::map<int64_t, TextList>;
using LongPairList = std::vector<LongPair>;
using TextPairList = std::vector<TextPair>;
using TextsOfLongList = std::vector<TextsOfLong>;

inline LongPairList pairsOf(const LongMap& map) {
    LongPairList list;
    for (const auto& entry : map) list.push_back({entry.first, entry.second});
    return list;
}
inline TextPairList pairsOf(const TextMap& map) {
    TextPairList list;
    for (const auto& entry : map) list.push_back({entry.first, entry.second});
    return list;
}
inline TextsOfLongList pairsOf(const TextsMap& map) {
    TextsOfLongList list;
    for (const auto& entry : map) list.push_back({entry.first, entry.second});
    return list;
}
inline void put(LongMap& map, int64_t key, int64_t value) { map[key] = value; }
inline void put(TextMap& map, const Text& key, const Text& value) { map[key] = value; }
inline void put(TextsMap& map, int64_t key, const TextList& texts) { map[key] = texts; }

inline const char* _Nonnull bytesOf(const Text& text) noexcept { return text.data(); }

// --- TLS ---------------------------------------------------------------------------------------------------

/// Paths of PEM files; empty: none, and the system's authorities. The certificate is followed by those that lead to its authority.
struct TLSFiles {
    Text certificate;
    Text key;
    Text authorities;
};

/// A process' keys, for servers and channels, which share them and may outlive this. Freed by `freeTLS`.
class TLS;
/// Null when memory is short. Reads nothing yet.
TLS* _Nullable makeTLS(const TLSFiles& files) noexcept;
/// Reads the files; again at will, any thread: connections that come then use what was read last. False: `error` says why, and
/// what was read before stays.
bool loadTLS(TLS* _Nonnull tls, Text& error) noexcept;
void freeTLS(TLS* _Nullable tls) noexcept;

constexpr int32_t tlsOff = 0;
/// The first byte of a connection decides.
constexpr int32_t tlsBoth = 1;
constexpr int32_t tlsOn = 2;

// --- servers -----------------------------------------------------------------------------------------------

/// Times are milliseconds. `address` is numeric.
struct ServerOptions {
    Text name;
    Text address;
    int32_t port = 0;
    int32_t workers = 16;
    int32_t maxConnections = 10000;
    int64_t maxMessageBytes = 64 << 20;
    int32_t maxStringBytes = 16 << 20;
    int32_t maxElements = 1000000;
    int64_t maxReportBytes = 512 << 20;
    int32_t maxReportElements = 16000000;
    /// Reports of more bytes than that are read while they arrive, so many at a time; further ones wait at their senders.
    int64_t wholeReportBytes = 256 << 10;
    int32_t arrivingReports = 4;
    int64_t memoryBudgetBytes = 1 << 30;
    int64_t messageDeadlineMs = 30000;
    int64_t reportDeadlineMs = 300000;
    int64_t idleLimitMs = 86400000;
    int64_t stopDeadlineMs = 10000;
    /// One of the constants above; but for `tlsOff`, `tls` has been loaded and has a certificate.
    int32_t tlsMode = tlsOff;
    TLS* _Nullable tls = nullptr;
    /// Callers that speak TLS have a certificate that one of the authorities has signed.
    bool requiresCertificate = false;
    void* _Nullable context = nullptr;
    /// Called on server threads with one line without a newline. Levels: 0 debug, 1 info, 2 warning, 3 error.
    void (*_Nullable log)(void* _Nullable context, int32_t level, const char* _Nonnull line) = nullptr;
    /// Asked once for each connection, with the numeric address of its other end; must not block. Null: everybody may come in.
    bool (*_Nullable admits)(void* _Nullable context, const char* _Nonnull caller) = nullptr;
    /// Called once, when no thread can call the others any more.
    void (*_Nullable releaseContext)(void* _Nullable context) = nullptr;
};

struct ServerCounters {
    int64_t connections = 0;
    int64_t accepted = 0;
    int64_t calls = 0;
    int64_t bytesReceived = 0;
    int64_t bytesSent = 0;
    int64_t refusedMessages = 0;
    int64_t shed = 0;
    int64_t refusedConnections = 0;
    int64_t timedOut = 0;
    int64_t memoryBytes = 0;
    int64_t refusedCallers = 0;
    int64_t refusedPlain = 0;
    int64_t handshakes = 0;
    int64_t failedHandshakes = 0;
};

/// The functions that answer. They run on worker threads, several at once; arguments are valid during the call only.
/// `caller` is the numeric address of the connection's other end. `release` runs once, when no call can follow.
struct HeartbeatCallbacks {
    void* _Nullable context;
    void (*_Nonnull release)(void* _Nullable);
    void (*_Nonnull heartbeat)(void* _Nullable, const char* _Nonnull caller, const TMasterInfo* _Nonnull,
                               THeartbeatResult* _Nonnull);
};

struct BackendCallbacks {
    void* _Nullable context;
    void (*_Nonnull release)(void* _Nullable);
    void (*_Nonnull submitTasks)(void* _Nullable, const char* _Nonnull caller, const TAgentTaskRequest* _Nullable,
                                 size_t count, TAgentResult* _Nonnull);
    void (*_Nonnull makeSnapshot)(void* _Nullable, const TSnapshotRequest* _Nonnull, TAgentResult* _Nonnull);
    void (*_Nonnull releaseSnapshot)(void* _Nullable, const Text* _Nonnull path, TAgentResult* _Nonnull);
    void (*_Nonnull publishClusterState)(void* _Nullable, const char* _Nonnull caller, TAgentResult* _Nonnull);
    void (*_Nonnull tabletStats)(void* _Nullable, TTabletStatResult* _Nonnull);
    int64_t (*_Nonnull trashUsedBytes)(void* _Nullable);
    void (*_Nonnull diskTrash)(void* _Nullable, DiskTrashList* _Nonnull);
    void (*_Nonnull cleanTrash)(void* _Nullable, const char* _Nonnull caller);
    void (*_Nonnull checkStorageFormat)(void* _Nullable, TCheckStorageFormatResult* _Nonnull);
};

struct FrontendCallbacks {
    void* _Nullable context;
    void (*_Nonnull release)(void* _Nullable);
    /// Ends that came on one connection together, and as many results.
    void (*_Nonnull finishTasks)(void* _Nullable, const TFinishTaskRequest* _Nonnull requests, size_t count,
                                 TMasterResult* _Nonnull results);
    /// `bytes` are a TReportRequest as it came. False: it can't be read, and `error` says why.
    bool (*_Nonnull report)(void* _Nullable, const uint8_t* _Nonnull bytes, size_t count, TMasterResult* _Nonnull,
                            Text* _Nonnull error);
    /// A large one, read while it arrives: what reads it, until `endReport` or `dropReport`. One thread at a time.
    void* _Nonnull (*_Nonnull beginReport)(void* _Nullable);
    /// `bytes` follow those that were used before. False: it can't be read on, and `error` says why.
    bool (*_Nonnull readReport)(void* _Nonnull reader, const uint8_t* _Nonnull bytes, size_t count, size_t* _Nonnull used,
                                Text* _Nonnull error);
    /// The last bytes of it; frees the reader. False: it can't be read, and `error` says why.
    bool (*_Nonnull endReport)(void* _Nullable, void* _Nonnull reader, const uint8_t* _Nonnull bytes, size_t count,
                               TMasterResult* _Nonnull, Text* _Nonnull error);
    void (*_Nonnull dropReport)(void* _Nonnull reader);
    void (*_Nonnull ping)(void* _Nullable, const TFrontendPingFrontendRequest* _Nonnull,
                          TFrontendPingFrontendResult* _Nonnull);
    void (*_Nonnull refreshStoragePolicy)(void* _Nullable, bool isTabletd, TGetStoragePolicyResult* _Nonnull);
    void (*_Nonnull confirmUnusedRemoteFiles)(void* _Nullable, const TConfirmUnusedRemoteFilesRequest* _Nonnull,
                                              TConfirmUnusedRemoteFilesResult* _Nonnull);
    void (*_Nonnull snapshotLoaderReport)(void* _Nullable, const TSnapshotLoaderReportRequest* _Nonnull,
                                          TStatus* _Nonnull);
    void (*_Nonnull fetchResource)(void* _Nullable, TFetchResourceResult* _Nonnull);
    void (*_Nonnull forward)(void* _Nullable, const TMasterOpRequest* _Nonnull, TMasterOpResult* _Nonnull);
    void (*_Nonnull initExternalCtlMeta)(void* _Nullable, TInitExternalCtlMetaResult* _Nonnull);
};

class Server;

/// Null when memory is short; the callbacks are then released already. Freed by `freeServer`.
Server* _Nullable makeServer(const ServerOptions& options, const HeartbeatCallbacks& callbacks) noexcept;
Server* _Nullable makeServer(const ServerOptions& options, const BackendCallbacks& callbacks) noexcept;
Server* _Nullable makeServer(const ServerOptions& options, const FrontendCallbacks& callbacks) noexcept;
/// False: `error` says why nothing listens.
bool startServer(Server* _Nonnull server, Text& error) noexcept;
int32_t serverPort(const Server* _Nonnull server) noexcept;
ServerCounters serverCounters(const Server* _Nonnull server) noexcept;
/// See `ThriftServer.stop()`.
void stopServer(Server* _Nonnull server) noexcept;
/// Stops it first if needed.
void freeServer(Server* _Nullable server) noexcept;

/// What libthrift would print to stderr goes there instead; any thread.
void routeLibthriftLog(void (*_Nonnull log)(const char* _Nonnull line)) noexcept;

// --- calls -------------------------------------------------------------------------------------------------

/// Times are milliseconds.
struct ClientOptions {
    int64_t connectTimeoutMs = 3000;
    int64_t callTimeoutMs = 10000;
    int64_t reportTimeoutMs = 60000;
    int32_t maxIdleConnections = 4;
    int64_t maxReplyBytes = 64 << 20;
    /// Not null: every connection is TLS, with a peer whose certificate is for the host that was asked for.
    TLS* _Nullable tls = nullptr;
};

/// How a call ended. `code` is one of the constants below.
struct CallOutcome {
    int32_t code = 0;
    /// The request may have been carried out although no answer came.
    bool mayHaveRun = false;
    Text message;
};

constexpr int32_t callOK = 0;
constexpr int32_t callConnect = 1;
constexpr int32_t callTimeout = 2;
constexpr int32_t callClosed = 3;
constexpr int32_t callUnknownMethod = 4;
constexpr int32_t callProtocol = 5;
constexpr int32_t callTooLarge = 6;
constexpr int32_t callOther = 7;

/// All connections to one address: calls share them, any thread. Freed by `freeChannel` once no call is running.
class Channel;
Channel* _Nullable makeChannel(const Text& host, int32_t port, const ClientOptions& options) noexcept;
void freeChannel(Channel* _Nullable channel) noexcept;
/// Ends every call that is out, for good: they, and those that are begun later, fail as if the peer had closed the connection.
/// Any thread.
void abandonCalls(Channel* _Nullable channel) noexcept;

CallOutcome callHeartbeat(Channel* _Nonnull, const TMasterInfo& master, THeartbeatResult& result) noexcept;

CallOutcome callSubmitTasks(Channel* _Nonnull, const TaskList& tasks, TAgentResult& result) noexcept;
CallOutcome callGetTabletStat(Channel* _Nonnull, TTabletStatResult& result) noexcept;
CallOutcome callMakeSnapshot(Channel* _Nonnull, const TSnapshotRequest& request, TAgentResult& result) noexcept;
CallOutcome callReleaseSnapshot(Channel* _Nonnull, const Text& path, TAgentResult& result) noexcept;
CallOutcome callPublishClusterState(Channel* _Nonnull, TAgentResult& result) noexcept;
CallOutcome callTrashUsedCapacity(Channel* _Nonnull, int64_t& result) noexcept;
CallOutcome callDiskTrash(Channel* _Nonnull, DiskTrashList& result) noexcept;
CallOutcome callCleanTrash(Channel* _Nonnull) noexcept;
CallOutcome callCheckStorageFormat(Channel* _Nonnull, TCheckStorageFormatResult& result) noexcept;

CallOutcome callFinishTask(Channel* _Nonnull, const TFinishTaskRequest& request, TMasterResult& result) noexcept;
/// Sends all of them before it waits for the first answer. `results` gets the answers that came, in order; when there are fewer,
/// the outcome says why. Each answer has the call's whole deadline.
CallOutcome callFinishTasks(Channel* _Nonnull, const FinishTaskList& requests, MasterResultList& results) noexcept;
/// `isTabletd`: says that this backend is ours, to an FE of ours.
CallOutcome callRefreshStoragePolicy(Channel* _Nonnull, bool isTabletd, TGetStoragePolicyResult& result) noexcept;
CallOutcome callPing(Channel* _Nonnull, const TFrontendPingFrontendRequest& request,
                     TFrontendPingFrontendResult& result) noexcept;
CallOutcome callConfirmUnusedRemoteFiles(Channel* _Nonnull, const TConfirmUnusedRemoteFilesRequest& request,
                                         TConfirmUnusedRemoteFilesResult& result) noexcept;
CallOutcome callSnapshotLoaderReport(Channel* _Nonnull, const TSnapshotLoaderReportRequest& request,
                                     TStatus& result) noexcept;

/// One `report` call whose argument the caller writes itself, piece by piece. One thread.
class ReportCall;
/// Null: `outcome` says why. Freed by `freeReportCall`. `fresh`: on a new connection, not on a kept one.
ReportCall* _Nullable beginReport(Channel* _Nonnull, bool fresh, CallOutcome& outcome) noexcept;
/// Sends bytes of the TReportRequest struct, its stop byte included. False: the call has failed.
bool writeReport(ReportCall* _Nonnull call, const void* _Nullable bytes, size_t count) noexcept;
/// Ends the argument and waits for the answer.
CallOutcome finishReport(ReportCall* _Nonnull call, TMasterResult& result) noexcept;
/// True after a failure that only says the kept connection had been closed: begin again, fresh.
bool reportFoundClosedConnection(const ReportCall* _Nonnull call) noexcept;
void freeReportCall(ReportCall* _Nullable call) noexcept;

// --- bytes -------------------------------------------------------------------------------------------------

/// A bare struct in TBinaryProtocol. An empty text: it could not be written.
Text encode(const TTabletInfo& value) noexcept;
Text encode(const TAgentTaskRequest& value) noexcept;
Text encode(const TReportRequest& value) noexcept;
Text encode(const TFinishTaskRequest& value) noexcept;
Text encode(const TMasterInfo& value) noexcept;
Text encode(const THeartbeatResult& value) noexcept;
Text encode(const TStatus& value) noexcept;
Text encode(const TGetStoragePolicyResult& value) noexcept;
/// False: the bytes are not such a struct.
bool decode(const Text& bytes, TTabletInfo& value) noexcept;
bool decode(const Text& bytes, TAgentTaskRequest& value) noexcept;
bool decode(const Text& bytes, TReportRequest& value) noexcept;
bool decode(const Text& bytes, TFinishTaskRequest& value) noexcept;

}  // namespace wire

#endif
