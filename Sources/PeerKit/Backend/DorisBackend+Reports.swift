internal import Synchronization

/// What a backend of each year tells its frontend on its own.
extension DorisBackend {
    private func report(_ kind: String, _ members: [String: WireValue?]) {
        var request = WireRecord("TReportRequest", members)
        request.members["backend"] = .record(place)
        if year.isLate {
            request.members["num_cores"] = 16
            request.members["pipeline_executor_size"] = 16
        }
        do {
            let answer = try call("report", ["request": .record(request)])?.record
            let code = answer?.number("status.status_code")
            // Before the frontend has taken the answer of the first heartbeat it knows no such backend.
            if code != 0, heartbeats > 2 {
                let said = answer?.list("status.error_msgs").compactMap(\.text).joined() ?? ""
                findings.record(.conduct, "report of \(kind)", "answered \(code ?? -1) \(said)")
            }
            state.withLock { $0.reports[kind, default: 0] += 1 }
        } catch {
            if !state.withLock({ $0.isStopped }) { findings.record(.conduct, "report of \(kind)", "\(error)") }
        }
    }

    func reportTasks() {
        let tasks = state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: state.registered.map { (WireValue.number($0), WireValue.ids($1.sorted())) })
        }
        report("tasks", ["tasks": .map(tasks), "running_tasks": year.isLate ? 0 : nil])
    }

    func reportDisks() {
        var disk = WireRecord(
            "TDisk",
            [
                "root_path": "/peer/storage", "disk_total_capacity": 1_000_000_000_000, "data_used_capacity": 0,
                "used": true, "disk_available_capacity": 900_000_000_000, "path_hash": 7, "storage_medium": 0,
                "remote_used_capacity": 0,
            ])
        if year.isLate { disk.members["trash_used_capacity"] = 0 }
        report("disks", ["disks": .map(["/peer/storage": .record(disk)])])
        guard year.isLate else { return }
        // Each in a loop of its own there.
        let (policies, resources) = state.withLock { ($0.policyVersions, $0.resourceVersions) }
        func list(_ type: String, _ versions: [Int64: Int64]) -> WireValue {
            .list(
                versions.sorted { $0.key < $1.key }
                    .map { .record(WireRecord(type, ["id": .number($0.key), "version": .number($0.value)])) })
        }
        report(
            "policies",
            [
                "storage_policy": list("TStoragePolicy", policies), "resource": list("TStorageResource", resources),
            ])
        report("index policies", ["index_policy": []])
    }

    func reportTablets() {
        let (tablets, version) = state.withLock { ($0.tablets, $0.reportVersion) }
        var members: [String: WireValue?] = [
            "tablets": .map(
                Dictionary(
                    uniqueKeysWithValues: tablets.map { id, held in
                        let infos: WireValue = [.record(held.info(id, year))]
                        return (.number(id), .record(WireRecord("TTablet", ["tablet_infos": infos])))
                    })),
            "report_version": .number(version), "tablet_max_compaction_score": 0,
        ]
        if year.isLate {
            members["num_tablets"] = .number(Int64(tablets.count))
            members["partitions_version"] = .map([:])
        }
        // Counted again after collecting: what changed meanwhile waits for the next round.
        guard state.withLock({ $0.reportVersion == version }) else { return }
        report("tablets", members)
    }

    /// Calls that a backend makes on its own.
    func callFrontend() {
        do {
            if year.isLate {
                let tablet = state.withLock { $0.tablets.first }
                guard let tablet, tablet.value.policyID != nil else { return }
                let info = WireRecord(
                    "TTabletCooldownInfo",
                    [
                        "tablet_id": .number(tablet.key), "cooldown_replica_id": .number(tablet.value.replicaID),
                        "cooldown_meta_id": .record(WireRecord("TUniqueId", ["hi": 1, "lo": 2])),
                    ])
                let request = WireRecord("TConfirmUnusedRemoteFilesRequest", ["confirm_list": [.record(info)]])
                try call("confirmUnusedRemoteFiles", ["request": .record(request)])
                return
            }
            let answer = try call("refreshStoragePolicy")?.record
            guard answer?.number("status.status_code") == 0 else {
                findings.record(.conduct, "refreshStoragePolicy", "\(answer?.number("status.status_code") ?? -1)")
                return
            }
            state.withLock { state in
                for entry in answer?.records("result_entrys") ?? [] {
                    state.policyChecksums[entry.text("policy_name") ?? ""] = entry.text("md5_checksum")
                }
            }
            try call("fetchResource")
        } catch {
            if !state.withLock({ $0.isStopped }) { findings.record(.conduct, "calls to the frontend", "\(error)") }
        }
    }
}
