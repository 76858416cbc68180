import Platform
import Synchronization
import TabletModel

/// Masters that remember what a backend told them. One state for all addresses; each call is recorded with its address.
final class RecordingMaster: MasterConnector {
    struct Report {
        var address: NetworkAddress
        var at: MonotonicTime
        var report: OutgoingReport
    }

    struct State {
        var finishes: [(address: NetworkAddress, request: FinishTaskRequest)] = []
        var reports: [Report] = []
        /// Tries that get no answer before the next one does; `Int.max` for a master that is away.
        var finishFailures = 0
        var reportFailures = 0
        /// Ends of these tasks get no usable answer, whatever becomes of others.
        var unreadableFinishes: Set<Int64> = []
        var finishFailure = RPCError.Code.connect
        var finishAnswer = RPCStatus.ok
        var reportAnswer = RPCStatus.ok
        var finishTries = 0
        /// Calls that told of one end or of several.
        var finishCalls = 0
        var policies: [StoragePolicyEntry] = []
        var knowsPolicies = true
        var policyCalls = 0
        var confirms: [TabletID] = []
        var progress: [LoaderProgress] = []
        /// nil: none comes.
        var progressAnswer: RPCStatus? = .ok
        var confirmCalls: [[TabletCooldownState]] = []
        /// Of each line that was made, and of each that was given up.
        var lines: [NetworkAddress] = []
        var abandoned: [NetworkAddress] = []
    }

    let state = Mutex(State())
    let time: any TimeSource
    let during = Mutex<(@Sendable (String) -> Void)?>(nil)

    init(time: any TimeSource) { self.time = time }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var finishes: [FinishTaskRequest] { state.withLock { $0.finishes.map(\.request) } }
    var finishTries: Int { state.withLock { $0.finishTries } }
    func connection(to address: NetworkAddress) -> any MasterConnection {
        state.withLock { $0.lines.append(address) }
        return Line(master: self, address: address)
    }

    func reports(_ kind: String) -> [Report] { state.withLock { $0.reports.filter { $0.report.kind == kind } } }

    private struct Line: MasterConnection {
        let master: RecordingMaster
        let address: NetworkAddress

        func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>] {
            master.state.withLock { $0.finishCalls += 1 }
            var answers: [Result<RPCStatus, any Error>] = []
            for request in requests {
                answers.append(Result { try finish(request) })
                if case .failure = answers[answers.count - 1] { break }
            }
            return answers
        }

        func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
            master.state.withLock { $0.finishCalls += 1 }
            return try finish(request)
        }

        private func finish(_ request: FinishTaskRequest) throws -> RPCStatus {
            master.during.withLock { $0 }?("finish \(request.type) \(request.signature)")
            return try master.state.withLock { state in
                state.finishTries += 1
                if state.unreadableFinishes.contains(request.signature) { throw error("finishTask", .closed) }
                if state.finishFailures > 0 {
                    if state.finishFailures != .max { state.finishFailures -= 1 }
                    throw error("finishTask", state.finishFailure)
                }
                state.finishes.append((address, request))
                return state.finishAnswer
            }
        }

        func report(_ report: OutgoingReport) throws -> RPCStatus {
            master.during.withLock { $0 }?("report \(report.kind)")
            return try master.state.withLock { state in
                if state.reportFailures > 0 {
                    if state.reportFailures != .max { state.reportFailures -= 1 }
                    throw error("report")
                }
                state.reports.append(Report(address: address, at: master.time.monotonicNow, report: report))
                return state.reportAnswer
            }
        }

        func refreshStoragePolicies(in dialect: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
            try master.state.withLock { state in
                state.policyCalls += 1
                guard state.knowsPolicies else {
                    throw RPCError(
                        .unknownMethod, method: "refreshStoragePolicy", peer: address, message: "unknown",
                        mayHaveRun: false)
                }
                return (.ok, StorageRules(policies: state.policies))
            }
        }

        func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] {
            master.state.withLock { state in
                state.confirmCalls.append(tablets)
                return state.confirms
            }
        }

        func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus {
            try master.state.withLock { state in
                state.progress.append(progress)
                guard let answer = state.progressAnswer else { throw error("snapshotLoaderReport") }
                return answer
            }
        }

        func abandon() { master.state.withLock { $0.abandoned.append(address) } }

        private func error(_ method: String, _ code: RPCError.Code = .connect) -> RPCError {
            RPCError(code, method: method, peer: address, message: "refused", mayHaveRun: code != .connect)
        }
    }
}

extension OutgoingReport {
    var kind: String {
        switch body {
        case .tasks: "task"
        case .disks: "disk"
        case .tablets: "tablet"
        }
    }
    var tasks: [TaskType: Set<Int64>]? { if case .tasks(let tasks) = body { tasks } else { nil } }
    var tabletIDs: [TabletID]? {
        guard case .tablets(let source, _) = body else { return nil }
        var ids: [TabletID] = []
        source.forEachChunk { ids += $0.map(\.tabletID) }
        return ids
    }
}
