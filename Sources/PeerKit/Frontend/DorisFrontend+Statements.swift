internal import Foundation
internal import Synchronization

/// What a person asks of a frontend, and waits for.
extension DorisFrontend {
    /// - Throws: `PeerTimeout` that names what did not happen, with the findings so far.
    public func wait(_ what: String, seconds: Double = 20, until holds: () -> Bool) throws {
        let deadline = Self.now + seconds
        while !holds() {
            guard Self.now < deadline else {
                throw PeerTimeout(
                    description: "not within \(seconds) s: \(what)\n" + findings.lines.joined(separator: "\n"))
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    public func waitForBackends() throws {
        try wait("heartbeats of all backends") { readyBackends.count == state.withLock { $0.backends.count } }
    }

    /// CREATE on each of the backends, one replica each.
    /// - Returns: the tablet's id.
    public func createTablet(
        partition: Int64, on backends: [Int64], isInMemory: Bool = false, policy: PeerPolicy? = nil
    ) throws -> Int64 {
        let tasks = state.withLock { state in
            let id = state.newID()
            var tablet = PeerTablet(id: id, partitionID: partition)
            tablet.isInMemory = isInMemory
            tablet.policyID = policy?.id
            state.tablets[id] = tablet
            state.replicas[id] = backends.map { PeerReplica(id: state.newID(), tablet: id, backend: $0) }
            return state.replicas[id]!.map { replica in
                (PeerTask.create, id, creation(tablet, replica, policy, state.year), backend: replica.backend)
            }
        }
        enqueue(tasks)
        let id = tasks[0].1
        try wait("CREATE of tablet \(id)") { tasks.allSatisfy { !isQueued(.create, id, on: $0.backend) } }
        return id
    }

    private func creation(
        _ tablet: PeerTablet, _ replica: PeerReplica, _ policy: PeerPolicy?, _ year: PeerYear
    ) -> WireRecord {
        func column(_ name: String, _ type: WireRecord, isKey: Bool) -> WireValue {
            .record(
                WireRecord(
                    "TColumn",
                    [
                        "column_name": .text(name), "column_type": .record(type), "is_key": .flag(isKey),
                        "is_allow_null": .flag(!isKey), "visible": true, "col_unique_id": isKey ? 0 : 1,
                        "aggregation_type": isKey ? nil : 5,
                    ]))
        }
        let schema = WireRecord(
            "TTabletSchema",
            [
                "short_key_column_count": 1, "schema_hash": .number(tablet.schemaHash), "keys_type": 1,
                "storage_type": 1, "is_in_memory": .flag(tablet.isInMemory), "delete_sign_idx": -1,
                "sequence_col_idx": -1, "disable_auto_compaction": false,
                "columns": [
                    column("k", WireRecord("TColumnType", ["type": 6, "index_len": 8]), isKey: true),
                    column("v", WireRecord("TColumnType", ["type": 15, "len": 64, "index_len": 20]), isKey: false),
                ],
            ])
        var request = WireRecord(
            "TCreateTabletReq",
            [
                "tablet_id": .number(tablet.id), "tablet_schema": .record(schema), "version": 1, "version_hash": 0,
                "storage_medium": 0, "table_id": .number(tablet.tableID), "partition_id": .number(tablet.partitionID),
                "storage_format": 2, "tablet_type": 0, "compression_type": 4, "replica_id": .number(replica.id),
                "enable_unique_key_merge_on_write": false,
            ])
        if year.isLate {
            request.members["storage_policy_id"] = policy.map { .number($0.id) }
            request.members["is_in_memory"] = .flag(tablet.isInMemory)
            request.members["is_persistent"] = false
            request.members["compaction_policy"] = "size_based"
            request.members["time_series_compaction_goal_size_mbytes"] = 1024
            request.members["time_series_compaction_file_count_threshold"] = 2000
            request.members["time_series_compaction_time_threshold_seconds"] = 3600
            request.members["time_series_compaction_empty_rowsets_threshold"] = 5
            request.members["time_series_compaction_level_threshold"] = 1
            let binlog: [String: WireValue?] = [
                "enable": false, "ttl_seconds": 86400, "max_bytes": 9_223_372_036_854_775_807,
                "max_history_nums": 9_223_372_036_854_775_807,
            ]
            request.members["binlog_config"] = .record(WireRecord("TBinlogConfig", binlog))
        } else {
            request.members["storage_policy"] = .text(policy?.name ?? "")
        }
        return request
    }

    func isQueued(_ type: PeerTask, _ signature: Int64, on backend: Int64) -> Bool {
        let key = TaskKey(backend: backend, type: type.rawValue, signature: signature)
        return state.withLock { $0.queue[key] != nil }
    }

    // MARK: Rows

    /// Pushes a file into each tablet of a partition, on the backends that are to have it.
    /// - Returns: the transaction.
    public func push(
        _ url: String, bytes: Int, into partition: Int64, on backends: [Int64], seconds: Double = 20
    ) throws -> Int64 {
        let (id, tasks) = state.withLock { state in
            let id = state.newID()
            let tablets = state.tablets.values.filter { $0.partitionID == partition }
            let tasks = tablets.flatMap { tablet in
                (state.replicas[tablet.id] ?? []).filter { backends.contains($0.backend) }.map { replica in
                    (PeerTask.realtimePush, state.newID(), load(tablet, id, url, bytes), backend: replica.backend)
                }
            }
            state.transactions[id] = PeerTransaction(
                id: id, partition: partition, version: 0, tablets: Set(tablets.map(\.id)), asked: [])
            return (id, tasks)
        }
        enqueue(tasks)
        try wait("PUSH of transaction \(id)", seconds: seconds) {
            tasks.allSatisfy { !isQueued(.realtimePush, $0.1, on: $0.backend) }
        }
        return id
    }

    private func load(_ tablet: PeerTablet, _ transaction: Int64, _ url: String, _ bytes: Int) -> WireRecord {
        WireRecord(
            "TPushReq",
            [
                "tablet_id": .number(tablet.id), "schema_hash": .number(tablet.schemaHash), "version": -1,
                "version_hash": 0, "timeout": 60, "push_type": 0, "http_file_path": .text(url),
                "http_file_size": .number(Int64(bytes)), "need_decompress": false,
                "transaction_id": .number(transaction), "partition_id": .number(tablet.partitionID),
                "is_schema_changing": false,
            ])
    }

    /// Tells every backend of the partition to publish, and waits until the version is visible.
    @discardableResult
    public func publish(_ id: Int64, seconds: Double = 20) throws -> Int64 {
        let (version, tasks) = state.withLock { state in
            var transaction = state.transactions[id]!
            transaction.version = (state.visible[transaction.partition] ?? 1) + 1
            transaction.asked = Set(transaction.tablets.flatMap { (state.replicas[$0] ?? []).map(\.backend) })
            state.transactions[id] = transaction
            return (transaction.version, state.publishing(transaction))
        }
        enqueue(tasks)
        try wait("transaction \(id) visible as version \(version)", seconds: seconds) {
            state.withLock { $0.transactions[id]?.isVisible ?? false }
        }
        return version
    }

    /// A load that is given up: its backends are told to forget it, once and in no queue.
    public func abort(_ id: Int64) {
        let (backends, request) = state.withLock { state in
            state.transactions[id]?.isAborted = true
            return (Array(state.backends.keys), state.clearing(id))
        }
        for backend in backends { send([.task(.clearTransaction, id, request)], to: backend, because: Self.statement) }
    }

    // MARK: Tablets

    /// Sets `in_memory` in the metadata alone: the next reports find the difference.
    public func alter(_ tablet: Int64, isInMemory: Bool) {
        state.withLock { $0.tablets[tablet]?.isInMemory = isInMemory }
    }

    /// The metadata have other replica ids and another partition for a tablet: the next reports find the difference. An FE
    /// of January 2023 looks at neither.
    public func renumber(_ tablet: Int64, intoPartition partition: Int64) {
        state.withLock { state in
            state.tablets[tablet]?.partitionID = partition
            for backend in state.replicas[tablet]?.map(\.backend) ?? [] {
                let id = state.newID()
                state.replica(tablet, on: backend) { $0.id = id }
            }
        }
    }

    /// Gives a tablet a policy, as ALTER does: one task to each backend that has a replica.
    public func attach(_ policy: PeerPolicy, to tablet: Int64) throws {
        let (backends, request, signature) = state.withLock { state in
            state.tablets[tablet]?.policyID = policy.id
            var info = WireRecord(
                "TTabletMetaInfo",
                ["tablet_id": .number(tablet), "schema_hash": .number(state.tablets[tablet]?.schemaHash ?? 0)])
            if state.year.isLate {
                info.members["storage_policy_id"] = .number(policy.id)
            } else {
                info.members["storage_policy"] = .text(policy.name)
                info.members["meta_type"] = 1
                info.members["is_in_memory"] = .flag(state.tablets[tablet]?.isInMemory ?? false)
            }
            return ((state.replicas[tablet] ?? []).map(\.backend), WireRecord.updates([info]), state.newID())
        }
        enqueue(backends.map { (PeerTask.updateMeta, signature, request, backend: $0) })
        try wait("UPDATE_TABLET_META_INFO of tablet \(tablet)") {
            backends.allSatisfy { !isQueued(.updateMeta, signature, on: $0) }
        }
    }

    /// The frontend's metadata has these policies from now on. January 2023 tells of a changed one by task 27.
    public func setPolicies(_ policies: [PeerPolicy]) {
        let (changed, year, backends) = state.withLock { state in
            let changed = policies.filter { policy in
                state.policies.contains { $0.id == policy.id && $0 != policy }
            }
            state.policies = policies
            return (changed, state.year, Array(state.backends.keys))
        }
        guard !year.isLate else { return }
        for policy in changed {
            for backend in backends {
                send([.task(.notifyPolicy, -1, policy.entry)], to: backend, because: Self.statement)
            }
        }
    }

    /// CLONE of a tablet from one backend to another, to the visible version.
    public func clone(_ tablet: Int64, from source: Int64, to destination: Int64) throws {
        let request = state.withLock { state in
            let meta = state.tablets[tablet]!
            if !(state.replicas[tablet]!.contains { $0.backend == destination }) {
                var replica = PeerReplica(id: state.newID(), tablet: tablet, backend: destination, version: 0)
                replica.lastFailed = 1
                state.replicas[tablet]!.append(replica)
            }
            state.replica(tablet, on: destination) { $0.isCloning = true }
            let replica = state.replicas[tablet]!.first { $0.backend == destination }!
            let from = state.backends[source]!
            let place = WireRecord(
                "TBackend",
                [
                    "host": "127.0.0.1", "be_port": .number(Int64(from.bePort)),
                    "http_port": .number(Int64(from.httpPort)),
                ])
            let version = state.visible[meta.partitionID] ?? 1
            var request = WireRecord(
                "TCloneReq",
                [
                    "tablet_id": .number(tablet), "schema_hash": .number(meta.schemaHash),
                    "src_backends": [.record(place)], "storage_medium": 0, "timeout_s": 60,
                    "replica_id": .number(replica.id),
                ])
            if state.year.isLate {
                request.members["version"] = .number(version)
                request.members["partition_id"] = .number(meta.partitionID)
                request.members["table_id"] = .number(meta.tableID)
            } else {
                request.members["committed_version"] = .number(version)
                request.members["committed_version_hash"] = 0
                request.members["task_version"] = 1
            }
            return request
        }
        enqueue([(.clone, tablet, request, backend: destination)])
        try wait("CLONE of tablet \(tablet) to \(destination)") { !isQueued(.clone, tablet, on: destination) }
    }

    /// DROP of every replica; the metadata forget the tablet.
    public func dropTablet(_ tablet: Int64) throws {
        let tasks = state.withLock { state in
            let hash = state.tablets[tablet]?.schemaHash ?? 0
            defer {
                state.tablets[tablet] = nil
                state.replicas[tablet] = nil
            }
            return (state.replicas[tablet] ?? []).map { replica in
                let request = WireRecord(
                    "TDropTabletReq",
                    [
                        "tablet_id": .number(tablet), "schema_hash": .number(hash),
                        "replica_id": .number(replica.id), "is_drop_table_or_partition": true,
                    ])
                return (PeerTask.drop, tablet, request, backend: replica.backend)
            }
        }
        enqueue(tasks)
        try wait("DROP of tablet \(tablet)") { tasks.allSatisfy { !isQueued(.drop, tablet, on: $0.backend) } }
    }

    // MARK: One task alone

    /// In no queue: whatever becomes of it, it is not sent again.
    public func sendOnce(_ task: WireRecord, to backend: Int64) {
        send([task], to: backend, because: Self.statement)
    }

    /// The first end that came under its signature.
    public func end(of task: WireRecord, on backend: Int64, seconds: Double = 20) throws -> WireRecord {
        let name = year.schema.name(task.number("task_type") ?? -1, of: "TTaskType")
        try wait("end of \(name) \(task.number("signature") ?? 0)", seconds: seconds) {
            !ends(of: task, on: backend).isEmpty
        }
        return ends(of: task, on: backend)[0]
    }

    public func ends(of task: WireRecord, on backend: Int64) -> [WireRecord] {
        let key = TaskKey(
            backend: backend, type: task.number("task_type") ?? -1, signature: task.number("signature") ?? 0)
        return state.withLock { $0.ends[key] ?? [] }
    }

    /// A member of the last report of a tablet.
    public func reported(_ member: String, of tablet: Int64, on backend: Int64) -> WireValue? {
        state.withLock { $0.replicas[tablet]?.first { $0.backend == backend }?.reported?[member] }
    }

    /// So many more heartbeats of each backend.
    public func waitForHeartbeats(_ more: Int) throws {
        let before = heartbeats
        try wait("\(more) heartbeats") { heartbeats >= before + more }
    }

    /// So many more tablet reports of each backend.
    public func waitForReports(_ more: Int, seconds: Double = 20) throws {
        let before = fewestReports("tablets")
        try wait("\(more) tablet reports", seconds: seconds) { fewestReports("tablets") >= before + more }
    }

    public func newSignature() -> Int64 { state.withLock { $0.newID() } }
}

/// What a test waited for did not happen.
public struct PeerTimeout: Error, CustomStringConvertible {
    public var description: String
}
