extension FrontendState {
    /// One row of a tablet report against the metadata, §7 of the contract.
    mutating func compare(_ id: Int64, _ info: WireRecord, on backend: Int64) -> [Correction] {
        guard let tablet = tablets[id], let replica = replicas[id]?.first(where: { $0.backend == backend }) else {
            return [drop(id, info)]
        }
        self.replica(id, on: backend) { $0.reported = info }
        guard !replica.isCloning else { return [] }
        sync(id, info, on: backend)
        var corrections = metaCorrections(tablet, replica, info)
        corrections += year.isLate ? lateCooldown(tablet, info) : cooldown(tablet, info)
        for transaction in info.list("transaction_ids").compactMap(\.number) {
            guard transactions[transaction].map({ $0.isAborted }) ?? true else { continue }
            corrections.append(
                Correction(
                    task: .task(.clearTransaction, transaction, clearing(transaction)),
                    cause: "transaction \(transaction) is unknown or aborted"))
        }
        return corrections
    }

    func clearing(_ transaction: Int64) -> WireRecord {
        WireRecord("TClearTransactionTaskRequest", ["transaction_id": .number(transaction), "partition_id": []])
    }

    private func drop(_ id: Int64, _ info: WireRecord) -> Correction {
        let request = WireRecord(
            "TDropTabletReq",
            [
                "tablet_id": .number(id), "schema_hash": info["schema_hash"],
                "replica_id": info["replica_id"] ?? 0, "is_drop_table_or_partition": .flag(tablets[id] == nil),
            ])
        return Correction(task: .task(.drop, id, request), cause: "tablet \(id) is not in the metadata")
    }

    /// Steps 2 and 8: versions, holes and bad replicas, each with what is journaled.
    private mutating func sync(_ id: Int64, _ info: WireRecord, on backend: Int64) {
        let version = info.number("version") ?? -1
        var entries: [String] = []
        replica(id, on: backend) { replica in
            if info.flag("used") == false {
                if !replica.isBad { entries.append("OP_BACKEND_REPLICAS_INFO: tablet \(id) on \(backend) is bad") }
                replica.isBad = true
                return
            }
            if version > replica.version || (version == replica.version && replica.isBad) {
                replica.isBad = false
                replica.update(to: version)
                if replica.lastFailed < 0 {
                    entries.append("OP_UPDATE_REPLICA: tablet \(id) on \(backend) to \(version)")
                }
            }
            if info.flag("version_miss") == true, replica.lastFailed < 0 {
                replica.lastFailed = replica.version + 1
                entries.append("OP_BACKEND_REPLICAS_INFO: tablet \(id) on \(backend) lacks \(replica.version + 1)")
            }
        }
        for entry in entries { journal[entry, default: 0] += 1 }
    }

    private func metaCorrections(_ tablet: PeerTablet, _ replica: PeerReplica, _ info: WireRecord) -> [Correction] {
        var members: [String: WireValue] = [:]
        var causes: [String] = []
        if info.flag("is_in_memory") ?? false != tablet.isInMemory {
            members["is_in_memory"] = .flag(tablet.isInMemory)
            if !year.isLate { members["meta_type"] = 1 }
            causes.append("is_in_memory is not \(tablet.isInMemory)")
        }
        if year.isLate, info.number("partition_id") != tablet.partitionID {
            members["partition_id"] = .number(tablet.partitionID)
            causes.append("partition_id is \(info.number("partition_id") ?? 0), not \(tablet.partitionID)")
        }
        if year.isLate, info.number("replica_id") != replica.id {
            members["replica_id"] = .number(replica.id)
            causes.append("replica_id is \(info.number("replica_id") ?? 0), not \(replica.id)")
        }
        guard !causes.isEmpty else { return [] }
        members["tablet_id"] = .number(tablet.id)
        members["schema_hash"] = .number(tablet.schemaHash)
        return [
            Correction(
                task: .task(.updateMeta, tablet.id, .updates([WireRecord("TTabletMetaInfo", members)])),
                cause: "tablet \(tablet.id): \(causes.joined(separator: ", "))")
        ]
    }

    /// January 2023: whose replica id differs gets a job, unless it has one.
    private mutating func cooldown(_ tablet: PeerTablet, _ info: WireRecord) -> [Correction] {
        guard info.flag("is_cooldown") == true else { return [] }
        let reported = info.number("cooldown_replica_id") ?? -1
        let isReplica = replicas[tablet.id]?.contains { $0.id == reported } ?? false
        guard reported != tablet.cooldownReplica || !isReplica else { return [] }
        cooldownJobs.insert(tablet.id)
        return []
    }

    /// 2026: only what is set is looked at, and terms are compared.
    private mutating func lateCooldown(_ tablet: PeerTablet, _ info: WireRecord) -> [Correction] {
        guard let term = info.number("cooldown_term") else { return [] }
        if term > tablet.cooldownTerm { return [] }
        let isAlive = replicas[tablet.id]?.contains { $0.id == tablet.cooldownReplica } ?? false
        if tablet.cooldownReplica <= 0 || !isAlive { cooldownUpdates.insert(tablet.id) }
        guard term < tablet.cooldownTerm else { return [] }
        return [
            Correction(
                task: .task(.cooldownConf, -1, .confs([tablet])),
                cause: "tablet \(tablet.id): cooldown_term is \(term), not \(tablet.cooldownTerm)")
        ]
    }
}

extension WireRecord {
    static func updates(_ infos: [WireRecord]) -> WireRecord {
        WireRecord("TUpdateTabletMetaInfoReq", ["tabletMetaInfos": .list(infos.map { .record($0) })])
    }

    static func confs(_ tablets: [PeerTablet]) -> WireRecord {
        let confs = tablets.map { tablet in
            WireValue.record(
                WireRecord(
                    "TCooldownConf",
                    [
                        "tablet_id": .number(tablet.id), "cooldown_replica_id": .number(tablet.cooldownReplica),
                        "cooldown_term": .number(tablet.cooldownTerm),
                    ]))
        }
        return WireRecord("TPushCooldownConfReq", ["cooldown_confs": .list(confs)])
    }
}
