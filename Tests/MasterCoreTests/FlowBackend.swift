import ClusterTestKit
import Platform
import ReportCodec
import Synchronization
import TabletModel

@testable import ClusterMetadata
@testable import MasterCore

/// A backend in memory that does what the master's tasks say, and whose faults a test chooses.
final class FlowBackend: BackendConnection {
    struct Tablet {
        var replicaID: ReplicaID
        var schemaHash: SchemaHash
        /// Held from the beginning up to here.
        var base: Version = 1
        /// What came after that.
        var rowsByVersion: [Version: String] = [:]
        var pending: [TransactionID: String] = [:]
        var holders: [Version: TransactionID] = [:]
        var policy = ""
        var conf: CooldownConf?
        var metaID: UniqueID?
        var columns: [TabletSchema.Column] = []
        /// Made for a schema change and not filled yet.
        var isFilling = false

        /// The newest version that is there, whatever is missing below it. Set: whole up to there, and no further.
        var version: Version {
            get { rowsByVersion.keys.max() ?? base }
            set {
                base = min(base, newValue)
                rowsByVersion = rowsByVersion.filter { $0.key <= newValue }
                for version in base.rawValue..<newValue.rawValue {
                    rowsByVersion[Version(version + 1), default: ""] += ""
                }
            }
        }
        var isWhole: Bool { Int64(rowsByVersion.count) == version.rawValue - base.rawValue }
        var rows: String { rowsByVersion.sorted { $0.key < $1.key }.map(\.value).joined() }
    }

    struct State {
        var isDown = false
        /// Of its data dirs; none of a Doris BE.
        var uuid: BackendUUID?
        /// Further addresses that mean it.
        var aliases: [NetworkAddress] = []
        /// What the master calls it.
        var host: String
        var startedAt = UnixTime(milliseconds: 1)
        /// Tasks of these types are taken and never answered.
        var silent: Set<TaskType> = []
        /// Tasks of these types end with this status.
        var failing: [TaskType: RPCStatus] = [:]
        var tablets: [TabletID: Tablet] = [:]
        var taken: [AgentTask] = []
        /// Taken and not answered.
        var running: [TaskType: Set<Int64>] = [:]
        var reportVersion: Int64 = 1000
        var master: Master?
        var answers: [RPCStatus] = []
        /// Goes with reports of tablets.
        var unreadable: [UnreadableReplica] = []
        /// What it remembers of its masters' metadata; a build that knows nothing of that does not.
        var heard: MetadataPosition?
        var remembersPositions = true
        /// Its data dirs, when a test says more than that there is one.
        var disks: [DiskReport] = []
        /// Path hashes of tablets that were moved.
        var places: [TabletID: Int64] = [:]
        var version: String
        /// It answers heartbeats as a Doris BE of 2026 does.
        var hasNewerMembers = false
        /// Every heartbeat as it came.
        var heartbeats: [MasterInfo] = []
        /// Where CLONE finds the other replicas.
        var peers: [FlowBackend] = []
        /// Rows of a snapshot, by its path; of a folder that was filled, by the folder's.
        var snapshots: [String: String] = [:]
        var snapshotCount = 0
        var objects: MemoryObjectStoreProvider?
    }

    let address: NetworkAddress
    let state: Mutex<State>
    private let pool: any WorkerPool

    init(host: String, port: Int32, scheduler: any Scheduler, version: String = "tabletd-test") {
        address = NetworkAddress(host: host, port: port)
        pool = scheduler.makePool(name: "backend", threads: 1, queueLimit: 10_000)
        var state = State(host: host, version: version)
        if version.hasPrefix("tabletd") {
            let digits = host.filter(\.isNumber)
            let tail = String(repeating: "0", count: 12 - digits.count) + digits
            state.uuid = BackendUUID(text: "0f8fad5b-d9cb-469f-a165-\(tail)")
        }
        self.state = Mutex(state)
    }

    func answers(at address: NetworkAddress) -> Bool {
        address == self.address || state.withLock { $0.aliases.contains(address) }
    }

    var bePort: Int32 { address.port + 10 }
    var taken: [AgentTask] { state.withLock { $0.taken } }
    func taken(_ type: TaskType) -> [AgentTask] { taken.filter { $0.type == type } }
    var tablets: [TabletID: Tablet] { state.withLock { $0.tablets } }
    func set(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    // MARK: BackendConnection

    private func checkUp(_ method: String) throws {
        guard !state.withLock({ $0.isDown }) else {
            throw RPCError(.connect, method: method, peer: address, message: "refused", mayHaveRun: false)
        }
    }

    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        try checkUp("heartbeat")
        var info = BackendInfo()
        info.bePort = bePort
        info.httpPort = address.port + 20
        state.withLock { state in
            state.heartbeats.append(master)
            info.version = state.version
            info.hasNewerMembers = state.hasNewerMembers
        }
        info.startTime = state.withLock { $0.startedAt }
        info.nodeRole = "mix"
        info.uuid = state.withLock { $0.uuid }
        info.heardPosition = state.withLock { state in
            guard state.remembersPositions else { return nil }
            defer {
                state.heard = .remembered(state.heard, hearing: master.position, judged: master.judgedPosition)
            }
            return state.heard
        }
        return HeartbeatReply(status: .ok, backend: info)
    }

    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        try checkUp("submit_tasks")
        for task in tasks {
            let isSilent = state.withLock { state in
                state.taken.append(task)
                if state.silent.contains(task.type) { state.running[task.type, default: []].insert(task.signature) }
                return state.silent.contains(task.type)
            }
            if !isSilent { _ = pool.submit { self.run(task) } }
        }
        return .ok
    }

    func tabletStats() throws -> [TabletStat] { [] }

    // MARK: Work

    func run(_ task: AgentTask) {
        guard let master = state.withLock({ $0.master }), !state.withLock({ $0.isDown }) else { return }
        var request = FinishTaskRequest(
            backend: addressAsBackend, type: task.type, signature: task.signature, status: .ok)
        if let failure = state.withLock({ $0.failing[task.type] }) {
            request.status = failure
        } else {
            let rows = fetch(task, from: master)
            let copies = copies(for: task)
            state.withLock { $0.carryOut(task, rows, copies: copies, &request) }
            copy(task, for: master, &request)
        }
        let answer = master.frontend.finishTask(request)
        state.withLock { $0.answers.append(answer) }
    }

    private func fetch(_ task: AgentTask, from master: Master) -> String? {
        guard case .push(let push) = task.payload, let url = push.url, let transaction = push.transactionID,
            let token = url.split(separator: "=").last
        else { return nil }
        guard let file = try? master.loadFile(transaction, push.tabletID, token: String(token)),
            let bytes = try? file.read(count: Int(file.sizeBytes), at: 0)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Reports

    var addressAsBackend: BackendAddress {
        BackendAddress(host: state.withLock { $0.host }, bePort: bePort, httpPort: address.port + 20)
    }

    func reportTasks() -> RPCStatus? {
        let (master, running) = state.withLock { ($0.master, $0.running) }
        return master?.frontend.report(IncomingReport(backend: addressAsBackend, tasks: running))
    }

    func reportDisks(
        usedPermille: Int64 = 100, storage: StorageUse? = nil, rules: KnownRules? = nil
    ) -> RPCStatus? {
        let disk = DiskReport(
            rootPath: "/data", totalBytes: 1 << 40, dataUsedBytes: 0,
            availableBytes: (1 << 40) / 1000 * (1000 - usedPermille), pathHash: 7, medium: .hdd, isUsed: true)
        let (master, disks) = state.withLock { ($0.master, $0.disks.isEmpty ? [disk] : $0.disks) }
        var report = IncomingReport(backend: addressAsBackend, disks: disks, storage: storage)
        report.rules = rules
        return master?.frontend.report(report)
    }

    /// - Parameters:
    ///   - change: what a test wants to be different in the report.
    ///   - isSigned: it says which process made it, as our own backends do.
    func reportTablets(
        version: Int64? = nil, isSigned: Bool = false, _ change: (inout TabletReportRow) -> Void = { _ in }
    ) throws -> RPCStatus? {
        let (master, rows, reportVersion) = state.withLock { state in
            (state.master, state.tablets.keys.sorted().map { state.row($0) }, state.reportVersion)
        }
        let changed = rows.map { row in
            var row = row
            change(&row)
            return row
        }
        var outgoing = OutgoingReport(
            backend: addressAsBackend, reportVersion: version ?? reportVersion,
            body: .tablets(ArrayReportSource(changed), maxCompactionScore: 0))
        outgoing.unreadable = state.withLock { $0.unreadable }
        if isSigned { outgoing.processStart = state.withLock { $0.startedAt } }
        return master?.frontend.report(try ReportDecoder.decode(try ReportEncoder.bytes(of: outgoing)))
    }
}

extension FlowBackend.State {
    mutating func carryOut(
        _ task: AgentTask, _ rows: String?, copies: [Version: String] = [:],
        _ request: inout FinishTaskRequest
    ) {
        reportVersion += 1
        request.reportVersion = reportVersion
        switch task.payload {
        case .create(let create):
            if let base = create.baseTabletID, tablets[base] == nil {
                request.status = RPCStatus(.notFound, "no base")
                return
            }
            if tablets[create.tabletID]?.schemaHash != create.schema.schemaHash || create.baseTabletID == nil {
                tablets[create.tabletID] = FlowBackend.Tablet(
                    replicaID: create.replicaID, schemaHash: create.schema.schemaHash, base: create.version,
                    policy: create.storagePolicy, columns: create.schema.columns,
                    isFilling: create.baseTabletID != nil)
            }
            request.tablets = [row(create.tabletID)]
        case .drop(let drop):
            if tablets.removeValue(forKey: drop.tabletID) == nil { request.status = RPCStatus(.notFound, "no tablet") }
        case .push(let push):
            // A delete has no rows; what it takes is not played here.
            let rows = push.pushType == .delete ? "" : rows
            guard let rows, let id = push.transactionID, tablets[push.tabletID] != nil else {
                request.status = RPCStatus(.ioError, "no rows")
                return
            }
            let columns = tablets[push.tabletID]?.columns ?? []
            tablets[push.tabletID]?.pending[id] = push.rowColumns.map { reshaped(rows, $0, columns) } ?? rows
            request.tablets = [row(push.tabletID)]
        case .publishVersion(let publish):
            let version = publish.partitions[0].version
            for id in tablets.keys.sorted() {
                let isPending = tablets[id]?.pending[publish.transactionID] != nil
                if isPending, let holder = tablets[id]?.holders[version], holder != publish.transactionID {
                    request.status = RPCStatus(.alreadyExist, "transaction \(holder) has version \(version)")
                    request.errorTabletIDs = (request.errorTabletIDs ?? []) + [id]
                    continue
                }
                guard let rows = tablets[id]?.pending.removeValue(forKey: publish.transactionID) else { continue }
                tablets[id]?.rowsByVersion[version] = rows
                tablets[id]?.holders[version] = publish.transactionID
            }
        case .clearTransaction(let clear):
            for id in tablets.keys { tablets[id]?.pending[clear.transactionID] = nil }
        case .updateTabletMeta(let updates):
            for update in updates { tablets[update.tabletID]?.policy = update.storagePolicy ?? "" }
        case .cooldownConfs(let confs):
            for conf in confs where conf.term > tablets[conf.tabletID]?.conf?.term ?? -1 {
                tablets[conf.tabletID]?.conf = conf
            }
        case .clone(let clone): carryOut(clone, copies, &request)
        case .alter(let alter): carryOut(alter, &request)
        case .migrate(let migrate):
            let disk = disks.first {
                migrate.dataDir == nil ? $0.medium == migrate.medium : $0.rootPath == migrate.dataDir
            }
            guard let disk, tablets[migrate.tabletID] != nil else {
                request.status = RPCStatus(.invalidArgument, "no such place or tablet")
                return
            }
            places[migrate.tabletID] = disk.pathHash
            request.tablets = [row(migrate.tabletID)]
        default: break
        }
    }

    func row(_ id: TabletID) -> TabletReportRow {
        guard let tablet = tablets[id] else { return TabletReportRow(tabletID: id, schemaHash: 0, version: .none) }
        var row = TabletReportRow(tabletID: id, schemaHash: tablet.schemaHash, version: tablet.version)
        row.replicaID = tablet.replicaID
        row.pathHash = places[id] ?? disks.first?.pathHash ?? 0
        row.versionMiss = !tablet.isWhole && !tablet.isFilling
        if tablet.isFilling {
            row.version = tablet.base
            row.isUsed = false
        }
        row.rowCount = Int64(tablet.rows.utf8.count { $0 == UInt8(ascii: "\n") })
        row.dataSizeBytes = tablet.metaID == nil ? Int64(tablet.rows.utf8.count) : 0
        row.remoteDataSizeBytes = tablet.metaID == nil ? 0 : Int64(tablet.rows.utf8.count)
        row.isCooldown = !tablet.policy.isEmpty
        if row.isCooldown { row.cooldownReplicaID = tablet.conf?.cooldownReplicaID ?? -1 }
        row.cooldownTerm = tablet.conf?.term ?? -1
        row.cooldownMetaID = tablet.metaID
        return row
    }
}
