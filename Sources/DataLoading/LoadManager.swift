internal import ClusterMetadata
public import HTTPAPI
internal import Logging
public import MasterServices
internal import Platform
internal import Synchronization
public import TabletModel

/// Loads: receive → push → commit → publish → visible, driven by calls, `finishTask` and timers. Any thread.
///
/// Only the journal decides what a load is: prepared ones are aborted after a restart, committed ones are published
/// again. The parts: `LoadManager+Receive` (begin, append, finish, abort), `+Deadlines`, `+Push`, `+Publish`,
/// `+Settling`, `+Recovery`.
public final class LoadManager: Sendable {
    let environment: MasterEnvironment
    private let sessions = Mutex<[TransactionID: LoadSession]>([:])
    /// The newest ended sessions, for their figures; oldest first.
    private let ended = Mutex<[LoadSession]>([])
    private static let endedLimit = 100
    /// Calls of `begin` under way.
    private let begins = Mutex(0)
    /// When the timer of `LoadManager+Deadlines` fires; nil: it is not armed.
    private let armedFor = Mutex<MonotonicTime?>(nil)

    /// When this FE started.
    let startedAt: MonotonicTime

    public init(environment: MasterEnvironment) {
        self.environment = environment
        startedAt = environment.monotonicNow
    }

    public func session(_ id: TransactionID) -> LoadSession? { sessions.withLock { $0[id] } }

    func endedSession(_ id: TransactionID) -> LoadSession? { ended.withLock { $0.last { $0.id == id } } }

    public var runningSessions: [LoadSession] { sessions.withLock { $0.values.sorted { $0.id < $1.id } } }

    func enterBegin() { begins.withLock { $0 += 1 } }
    func leaveBegin() { begins.withLock { $0 -= 1 } }
    var isBeginning: Bool { begins.withLock { $0 > 0 } }

    func add(_ session: LoadSession) { sessions.withLock { $0[session.id] = session } }

    /// True for the caller that is to arm the timer: none is armed that fires by then.
    func armDeadline(_ deadline: MonotonicTime) -> Bool {
        armedFor.withLock { armed in
            if let armed, armed <= deadline { return false }
            armed = deadline
            return true
        }
    }

    func disarmDeadline() { armedFor.withLock { $0 = nil } }

    /// The load is over: remembered for its figures, its files and tasks taken away.
    func retire(_ session: LoadSession) {
        guard sessions.withLock({ $0.removeValue(forKey: session.id) }) != nil else { return }
        ended.withLock { ended in
            ended.append(session)
            if ended.count > Self.endedLimit { ended.removeFirst() }
        }
        do {
            try session.spool?.remove()
        } catch {
            environment.logger.warning(
                "spooled rows were not removed", metadata: ["txn": "\(session.id)", "error": "\(error)"])
        }
        forgetOldTransactions()
    }

    private func forgetOldTransactions() {
        let limit = environment.configuration.rememberedTransactions
        let old = environment.store.read { state -> [TransactionID] in
            let final = state.transactions.filter { $0.state.isFinal }
            return final.count > limit + limit / 10 ? final.prefix(final.count - limit).map(\.id) : []
        }
        guard !old.isEmpty else { return }
        do {
            try environment.commit([.removeTransactions(old)])
        } catch {
            environment.logger.error("old transactions were not forgotten", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Views

    func view(_ session: LoadSession) -> LoadView {
        session.view(table: environment.store.read { $0.tableName(session.tableID) })
    }

    public func view(_ id: TransactionID) throws -> LoadView {
        if let session = session(id) ?? endedSession(id) { return view(session) }
        let found = environment.store.read { state in
            state.transaction(id).map { LoadView($0, table: state.tableName($0.tableID)) }
        }
        guard let found else {
            throw MasterError(
                .notFound, "there is no load \(id)", nextStep: "list loads; old ones are forgotten after a while")
        }
        return found
    }

    /// Newest first.
    public func views() -> [LoadView] {
        let known = environment.store.read { state in
            state.transactions.map { LoadView($0, table: state.tableName($0.tableID)) }
        }
        return known.reversed().map { view in
            guard let session = session(view.transactionID) ?? endedSession(view.transactionID) else { return view }
            return self.view(session)
        }
    }
}
