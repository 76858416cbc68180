public import MasterServices
public import Platform
internal import Synchronization
public import TabletModel

/// Who answers on this FE's ports: the master while it leads; while another FE does, what only reads its metadata. Before they are
/// loaded, everything that asks is told to come again.
public final class RunningMaster: FrontendHandler {
    private struct Held: Sendable {
        /// Acts; nil: this FE does not lead.
        var acting: Master?
        /// Never started: it looks at what was replayed.
        var reading: Master?
    }

    private let held = Mutex(Held())
    /// What changed since the start; nil: nothing did.
    private let changed = Mutex<MasterConfiguration?>(nil)
    /// Whether this FE leads at this moment, and who does otherwise.
    private let isLeading: @Sendable () -> Bool
    private let leader: @Sendable () -> String?

    public init(
        isLeading: @escaping @Sendable () -> Bool = { true }, leader: @escaping @Sendable () -> String? = { nil }
    ) {
        self.isLeading = isLeading
        self.leader = leader
    }

    /// What looks at the metadata; changes of one that does not lead are refused by these.
    public var current: Master? { held.withLock { $0.acting ?? $0.reading } }

    public var acting: Master? {
        get { held.withLock { $0.acting } }
        set {
            held.withLock { $0.acting = newValue }
            catchUp(newValue)
        }
    }

    public var reading: Master? {
        get { held.withLock { $0.reading } }
        set {
            held.withLock { $0.reading = newValue }
            catchUp(newValue)
        }
    }

    /// The masters of this FE, those to come among them, work by these values from now on, as far as they may change while one
    /// runs.
    public func adopt(_ configuration: MasterConfiguration) {
        changed.withLock { $0 = configuration }
        let masters = held.withLock { [$0.acting, $0.reading] }
        for case let master? in masters { master.adopt(configuration) }
    }

    private func catchUp(_ master: Master?) {
        if let master, let configuration = changed.withLock({ $0 }) { master.adopt(configuration) }
    }

    private var master: Master? { isLeading() ? acting : nil }

    /// Why there is no answer. Not NOT_MASTER, which older backends do not know and take for an answer (`spokenToAnyone`): what an FE
    /// that has not looked at it says.
    private var refusal: RPCStatus {
        guard held.withLock({ $0.reading != nil }) else {
            return RPCStatus(.uninitialized, "the FE is starting; try again in a moment")
        }
        return RPCStatus(.uninitialized, leader().map { "the master is \($0)" } ?? "no FE is the master now")
    }

    public func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        master?.frontend.finishTask(request) ?? refusal
    }

    public func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus] {
        master?.frontend.finishTasks(requests) ?? requests.map { _ in refusal }
    }

    public func report(_ report: IncomingReport) -> RPCStatus { master?.frontend.report(report) ?? refusal }

    public func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? {
        master?.frontend.tabletsArrive(from: backend)
    }

    public func ping(_ request: PingRequest) -> PingReply {
        current?.frontend.ping(request) ?? PingReply(isOK: false, message: "not ready")
    }

    public func storageRules() -> (status: RPCStatus, rules: StorageRules) {
        master?.frontend.storageRules() ?? (refusal, StorageRules())
    }

    public func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] {
        master?.frontend.confirmUnusedRemoteFiles(tablets) ?? []
    }

    public func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus {
        master?.frontend.snapshotLoaderReport(progress) ?? refusal
    }
}
