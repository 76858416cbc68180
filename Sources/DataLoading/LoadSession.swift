internal import Checksums
internal import ClusterMetadata
internal import HTTPAPI
internal import Synchronization
public import TabletModel

/// One load from its first byte to its last publish, or one delete. The state machine's data; `LoadManager` moves it.
public final class LoadSession: Sendable {
    enum Phase: Hashable, Sendable {
        case receiving
        case pushing
        /// Somebody writes the commit, or it is not known yet whether it was written: neither given up nor told.
        case committing
        /// Durable; an earlier version of the partition is not visible yet.
        case committed
        case publishing
        /// Somebody writes that it is visible, or it is not known yet whether that was written.
        case showing
        case ended
    }

    struct State {
        var phase: Phase
        var transaction: Transaction
        var totals: LoadSpool.Totals?
        var push: LoadProgress?
        var publish: LoadProgress?
        /// Somebody sends the rows, or has done so.
        private(set) var isPushClaimed = false
        /// Gets rows and versions too, but nobody waits for it: replicas that are bad or being made.
        var besides: [LoadProgress.Place] = []
        var attempts: [LoadProgress.Place: Int] = [:]
        /// Backends that may still answer for the version that the load had before (`LoadManager.versionTaken`).
        var owedAnswers: Set<BackendID> = []
        /// First signature of the PUSH tasks; a tablet's is this plus its place.
        var firstSignature: Int64 = 0
        /// When the rows were first sent.
        var pushingSince: MonotonicTime?
        /// When PUBLISH_VERSION was first sent.
        var publishingSince: MonotonicTime?
        /// Set when a majority of every tablet has answered.
        var stragglersUntil: MonotonicTime?
        var message = ""

        /// Nobody waits for other tablets any longer.
        mutating func keep(_ tablets: Set<TabletID>) {
            push?.keep(tablets)
            publish?.keep(tablets)
            besides.removeAll { !tablets.contains($0.tabletID) }
        }

        /// True for the one that is to send the rows.
        mutating func claimPush() -> Bool {
            defer { isPushClaimed = true }
            return !isPushClaimed
        }
    }

    let id: TransactionID
    let tableID: TableID
    /// In bucket order; then, in the same order, those that an alter of the table fills.
    public let tablets: [TabletID]
    let bucketCount: Int
    /// Columns of the load's rows, for the tablets behind the first `bucketCount`, which have others.
    let rowColumns: [TabletSchema.Column]
    /// Opens the load's files to backends; random, for this load only.
    let token: String
    /// nil after a restart of the FE: the rows are on the backends. nil of a delete, which has none.
    let spool: LoadSpool?
    /// Of a delete: what every replica of every tablet is told. nil of a load, and after a restart of the FE.
    let conditions: [DeleteCondition]?
    /// Aborted when it is not committed by then; nil: it is committed already.
    let commitBy: MonotonicTime?
    private let state: Mutex<State>

    init(
        transaction: Transaction, phase: Phase, tablets: (all: [TabletID], buckets: Int),
        rowColumns: [TabletSchema.Column] = [], token: String, spool: LoadSpool?,
        conditions: [DeleteCondition]? = nil, commitBy: MonotonicTime? = nil
    ) {
        self.conditions = conditions
        id = transaction.id
        self.commitBy = commitBy
        tableID = transaction.tableID
        self.tablets = tablets.all
        bucketCount = max(tablets.buckets, 1)
        self.rowColumns = rowColumns
        self.token = token
        self.spool = spool
        state = Mutex(State(phase: phase, transaction: transaction))
    }

    /// Short: no I/O, log or call of another part inside.
    func with<R: Sendable>(_ body: (inout State) -> R) -> R { state.withLock { body(&$0) } }

    /// Moves on from one of these phases; false when it is in another one.
    func move(from phases: Set<Phase>, to next: Phase) -> Bool {
        with { state in
            guard phases.contains(state.phase) else { return false }
            state.phase = next
            return true
        }
    }

    /// The place of each tablet in `tablets`; its rows are those of the bucket `place % bucketCount`.
    var places: [TabletID: Int] {
        Dictionary(tablets.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func view(table: TableName) -> LoadView {
        let spooled = spool?.totals
        return with { state in
            let totals = state.totals ?? spooled
            let transaction = state.transaction
            let progress = state.push ?? state.publish
            return LoadView(
                transactionID: id, label: transaction.label, table: table, state: state.viewState,
                rowCount: totals?.rowCount ?? transaction.rowCount, bytes: totals?.bytes ?? transaction.sizeBytes,
                rowChecksum: totals?.checksum.description ?? "", tabletCount: Int64(bucketCount),
                replicasPushed: Int64(state.push?.doneCount ?? 0),
                replicasPublished: Int64(state.publish?.doneCount ?? 0),
                replicaCount: Int64(progress?.replicaCount ?? 0),
                version: transaction.partitions.first?.version ?? .none,
                message: transaction.reason.isEmpty ? state.message : transaction.reason,
                beganMs: transaction.preparedAt.milliseconds, endedMs: transaction.finishedAt?.milliseconds ?? 0,
                deleteCondition: transaction.shownDeleteCondition)
        }
    }
}

extension Transaction {
    fileprivate var shownDeleteCondition: String? { deleteCondition.isEmpty ? nil : deleteCondition }
}

extension LoadSession.State {
    fileprivate var viewState: LoadView.State {
        switch transaction.state {
        case .prepared: phase == .receiving ? .receiving : .pushing
        case .committed: .committed
        case .visible: .visible
        case .aborted: .aborted
        }
    }
}

extension LoadView {
    /// A load that is remembered by the journal only.
    init(_ transaction: Transaction, table: TableName) {
        let state: State =
            switch transaction.state {
            case .prepared: .receiving
            case .committed: .committed
            case .visible: .visible
            case .aborted: .aborted
            }
        self.init(
            transactionID: transaction.id, label: transaction.label, table: table, state: state,
            rowCount: transaction.rowCount, bytes: transaction.sizeBytes, rowChecksum: "", tabletCount: 0,
            replicasPushed: 0, replicasPublished: 0, replicaCount: 0,
            version: transaction.partitions.first?.version ?? .none, message: transaction.reason,
            beganMs: transaction.preparedAt.milliseconds, endedMs: transaction.finishedAt?.milliseconds ?? 0,
            deleteCondition: transaction.shownDeleteCondition)
    }
}
