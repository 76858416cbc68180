/// What tasks change, and what their ends tell.
extension BackendState {
    mutating func create(_ request: WireRecord, _ ended: inout WireRecord) {
        let id = request.number("tablet_id") ?? 0
        let held = tablets[id] ?? HeldTablet(request)
        tablets[id] = held
        reportVersion += 1
        ended.members["report_version"] = .number(reportVersion)
        ended.members["finish_tablet_infos"] = [
            .record(
                WireRecord(
                    "TTabletInfo",
                    [
                        "tablet_id": .number(id), "schema_hash": .number(held.schemaHash),
                        "version": .number(held.version), "version_hash": 0, "row_count": 0, "data_size": 0,
                        "path_hash": 7, "replica_id": .number(held.replicaID),
                    ]))
        ]
    }

    mutating func drop(_ request: WireRecord, _ ended: inout WireRecord) {
        let id = request.number("tablet_id") ?? 0
        guard let held = tablets[id] else {
            ended.members["task_status"] = .record(.status(31, "no tablet \(id)"))
            return
        }
        let replica = request.number("replica_id") ?? 0
        guard replica == 0 || replica == held.replicaID else {
            ended.members["task_status"] = .record(.status(39, "replica \(held.replicaID), not \(replica)"))
            return
        }
        tablets[id] = nil
    }

    mutating func push(_ request: WireRecord, _ ended: inout WireRecord) {
        let id = request.number("tablet_id") ?? 0
        guard let held = tablets[id] else {
            ended.members["task_status"] = .record(.status(31, "no tablet \(id)"))
            return
        }
        transactions[request.number("transaction_id") ?? 0, default: []].insert(id)
        reportVersion += 1
        ended.members["report_version"] = .number(reportVersion)
        if request.number("push_type") == 1 { ended.members["request_version"] = request["version"] }
        ended.members["finish_tablet_infos"] = [.record(held.info(id, .january2023))]
    }

    mutating func publish(_ id: Int64, _ request: WireRecord, _ ended: inout WireRecord, isLate: Bool) {
        let transaction = request.number("transaction_id") ?? id
        var succeeded: [WireValue: WireValue] = [:]
        for partition in request.records("partition_version_infos") {
            let version = partition.number("version") ?? 0
            for tablet in transactions[transaction] ?? []
            where tablets[tablet]?.partitionID == partition.number("partition_id") {
                if tablets[tablet]?.version == version - 1 { tablets[tablet]?.version = version }
                succeeded[.number(tablet)] = .number(version)
            }
        }
        transactions[transaction] = nil
        ended.members["report_version"] = .number(reportVersion)
        if isLate { ended.members["succ_tablets"] = .map(succeeded) }
    }

    /// Only what is set changes; in January 2023 `meta_type` says what.
    mutating func update(_ request: WireRecord) {
        for info in request.records("tabletMetaInfos") {
            guard let id = info.number("tablet_id"), var held = tablets[id] else { continue }
            if info["storage_policy_id"] != nil || info["replica_id"] != nil || info.members["meta_type"] == nil {
                held.policyID = info.number("storage_policy_id") ?? held.policyID
                held.replicaID = info.number("replica_id") ?? held.replicaID
                held.disablesAutoCompaction = info.flag("disable_auto_compaction") ?? held.disablesAutoCompaction
            }
            held.partitionID = info.number("partition_id") ?? held.partitionID
            if info.number("meta_type") == 1, let policy = info.text("storage_policy"), !policy.isEmpty {
                held.policyName = policy
            } else if let flag = info.flag("is_in_memory") {
                held.isInMemory = flag
            }
            tablets[id] = held
        }
    }

    /// A conf of a higher term.
    mutating func confs(_ request: WireRecord) {
        for conf in request.records("cooldown_confs") {
            guard let id = conf.number("tablet_id"), var held = tablets[id], let term = conf.number("cooldown_term"),
                term > held.cooldownTerm
            else { continue }
            held.cooldownTerm = term
            held.cooldownReplica = conf.number("cooldown_replica_id") ?? -1
            tablets[id] = held
        }
    }

    /// What is newer, and what is dropped.
    mutating func policies(_ request: WireRecord) {
        for policy in request.records("storage_policy") {
            guard let id = policy.number("id"), let version = policy.number("version") else { continue }
            policyVersions[id] = max(version, policyVersions[id] ?? version)
        }
        for resource in request.records("resource") {
            guard let id = resource.number("id"), let version = resource.number("version") else { continue }
            resourceVersions[id] = max(version, resourceVersions[id] ?? version)
        }
        for dropped in request.list("dropped_storage_policy") { policyVersions[dropped.number ?? 0] = nil }
    }
}

extension HeldTablet {
    /// Of a CREATE or, with what it has, a CLONE.
    init(_ request: WireRecord) {
        schemaHash = request.number("tablet_schema.schema_hash") ?? request.number("schema_hash") ?? 0
        partitionID = request.number("partition_id") ?? 0
        replicaID = request.number("replica_id") ?? 0
        version = request.number("version") ?? 1
        isInMemory = request.flag("is_in_memory") ?? request.flag("tablet_schema.is_in_memory") ?? false
        policyName = request.text("storage_policy") ?? ""
        policyID = request.number("storage_policy_id").flatMap { $0 > 0 ? $0 : nil }
        disablesAutoCompaction = request.flag("tablet_schema.disable_auto_compaction") ?? false
    }

    /// A row of a tablet report; C++ sends what has a default always.
    func info(_ id: Int64, _ year: PeerYear) -> WireRecord {
        var info = WireRecord(
            "TTabletInfo",
            [
                "tablet_id": .number(id), "schema_hash": .number(schemaHash), "version": .number(version),
                "version_hash": 0, "row_count": 0, "data_size": 0, "storage_medium": 0, "path_hash": 7,
                "partition_id": .number(partitionID), "is_in_memory": .flag(isInMemory),
                "replica_id": .number(replicaID), "remote_data_size": 0,
            ])
        guard year.isLate else {
            info.members["version_count"] = 1
            info.members["is_cooldown"] = .flag(!policyName.isEmpty)
            if !policyName.isEmpty { info.members["cooldown_replica_id"] = .number(cooldownReplica) }
            info.members["cooldown_term"] = -1
            return info
        }
        info.members["total_version_count"] = 1
        info.members["visible_version_count"] = 1
        if policyID != nil { info.members["cooldown_term"] = .number(cooldownTerm) }
        for name in ["local_index_size", "local_segment_size", "remote_index_size", "remote_segment_size"] {
            info.members[name] = 0
        }
        info.members["is_persistent"] = false
        return info
    }
}
