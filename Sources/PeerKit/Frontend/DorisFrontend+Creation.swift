internal import Synchronization

/// CREATE TABLE.
extension DorisFrontend {
    /// CREATE on each of the backends, one replica each.
    /// - Parameter base: the tablet that it is to be the new half of.
    /// - Returns: the tablet's id.
    public func createTablet(
        partition: Int64, on backends: [Int64], isInMemory: Bool = false, policy: PeerPolicy? = nil,
        base: Int64? = nil
    ) throws -> Int64 {
        let tasks = state.withLock { state in
            let id = state.newID()
            var tablet = PeerTablet(id: id, partitionID: partition)
            tablet.isInMemory = isInMemory
            tablet.policyID = policy?.id
            tablet.base = base
            // The new half of a schema change has a schema of its own.
            if base != nil { tablet.schemaHash += 1 }
            state.tablets[id] = tablet
            state.replicas[id] = backends.map { PeerReplica(id: state.newID(), tablet: id, backend: $0) }
            return state.replicas[id]!.map { replica in
                (PeerTask.create, id, creation(tablet, replica, policy, state.year), backend: replica.backend)
            }
        }
        enqueue(tasks)
        let id = tasks[0].1
        try wait("CREATE of tablet \(id)") { tasks.allSatisfy { !isQueued(.create, id, on: $0.backend) } }
        for task in tasks {
            let end = ends(of: .task(.create, id, nil), on: task.backend).last?.record("task_status")
            guard let code = end?.number("status_code"), code != 0 else { continue }
            let words = end?.list("error_msgs").compactMap(\.text).joined() ?? ""
            throw PeerTimeout(description: "CREATE of tablet \(id) on \(task.backend) ended with \(code): \(words)")
        }
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
        if let base = tablet.base {
            request.members["base_tablet_id"] = .number(base)
            request.members["base_schema_hash"] = .number(tablet.schemaHash - 1)
        }
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
}
