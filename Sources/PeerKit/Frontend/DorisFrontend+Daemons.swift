internal import Synchronization

extension DorisFrontend {
    /// What the frontend's daemons do every few seconds: transactions become visible, cooldown replicas are chosen.
    func runDaemons() {
        finishTransactions()
        let confs = state.withLock { state in
            let tablets = state.year.isLate ? state.cooldownUpdates : state.cooldownJobs
            state.cooldownUpdates = []
            state.cooldownJobs = []
            return tablets.sorted().flatMap { state.chooseCooldownReplica(of: $0) }
        }
        for (backend, tablet) in confs {
            send(
                [.task(.cooldownConf, -1, .confs([tablet]))], to: backend,
                because: "tablet \(tablet.id): the backend's cooldown replica is not the frontend's")
        }
    }

    private func finishTransactions() {
        state.withLock { state in
            for (id, transaction) in state.transactions where !transaction.isVisible && !transaction.isAborted {
                let quorum = { (tablet: Int64) in
                    let replicas = state.replicas[tablet] ?? []
                    let have = replicas.filter { transaction.succeeded[$0.backend]?.contains(tablet) ?? false }
                    return have.count * 2 > replicas.count
                }
                // The one before it first, and a backend that has not ended yet is waited for a while.
                guard transaction.version == (state.visible[transaction.partition] ?? 1) + 1,
                    !transaction.ended.isEmpty, transaction.tablets.allSatisfy(quorum),
                    transaction.ended.count == transaction.asked.count
                else { continue }
                state.makeVisible(id, transaction)
            }
        }
    }

    // MARK: Polls

    func publishTopics() {
        for (id, backend) in readyBackends {
            if year.isLate {
                let topics = WireRecord("TPublishTopicRequest", ["topic_map": .map([0: []])])
                quietly("publish_topic_info", id) {
                    let answer = try self.call(
                        "BackendService", backend.bePort, "publish_topic_info", ["topic_request": .record(topics)])
                    return answer?.record?.record("status")
                }
            }
            let update = WireRecord("TTopicUpdate", ["type": 0])
            let request = WireRecord(
                "TAgentPublishRequest", ["protocol_version": 0, "updates": [.record(update)]])
            quietly("publish_cluster_state", id) {
                let answer = try self.call(
                    "BackendService", backend.bePort, "publish_cluster_state", ["request": .record(request)])
                return answer?.record?.record("status")
            }
        }
    }

    /// OK and NOT_IMPLEMENTED_ERROR are quiet; anything else is a warning in the frontend's log, each time.
    private func quietly(_ method: String, _ backend: Int64, _ call: () throws -> WireRecord?) {
        do {
            let code = try call()?.number("status_code")
            if code != 0 && code != 3 { findings.record(.conduct, method, "answered \(code ?? -1)") }
        } catch {
            findings.record(.conduct, method, "\(error)")
        }
    }

    var readyBackends: [(Int64, PeerBackend)] {
        state.withLock { $0.backends.filter { $0.value.bePort != 0 }.map { ($0.key, $0.value) } }
    }

    func poll() {
        for (id, backend) in readyBackends {
            do {
                let stats = try call("BackendService", backend.bePort, "get_tablet_stat")?.record
                for (tablet, stat) in stats?["tablets_stats"]?.map ?? [:]
                where stat.record?.number("tablet_id") != tablet.number {
                    findings.record(.conduct, "get_tablet_stat", "\(tablet) is under another id")
                }
                try call("BackendService", backend.bePort, "get_trash_used_capacity")
                try call("BackendService", backend.bePort, "get_disk_trash_used_capacity")
                try call(
                    "BackendService", backend.bePort, "get_stream_load_record", ["last_stream_record_time": -1])
                try call("BackendService", backend.bePort, "check_storage_format")
                if !year.isLate { try call("BackendService", backend.bePort, "clean_trash") }
            } catch {
                findings.record(.conduct, "polls of backend \(id)", "\(error)")
            }
        }
    }

    // MARK: Policies

    /// 2026: what a backend's report lacks, has older, or has beyond the metadata.
    func handlePolicies(_ report: WireRecord, _ backend: Int64) {
        guard report["storage_policy"] != nil || report["resource"] != nil else { return }
        func versions(_ member: String) -> [Int64: Int64] {
            Dictionary(
                report.records(member).map { ($0.number("id") ?? 0, $0.number("version") ?? -1) }, uniquingKeysWith: max
            )
        }
        let (have, stores) = (versions("storage_policy"), versions("resource"))
        let correction = state.withLock { state -> Correction? in
            state.backends[backend]?.reports["policies", default: 0] += 1
            state.backends[backend]?.policies = have
            state.backends[backend]?.resources = stores
            let policies = state.policies.filter { have[$0.id] ?? -1 < $0.version }
            let resources = state.policies.filter { stores[$0.resourceID] ?? -1 < $0.resourceVersion }
            let dropped = have.keys.filter { id in !state.policies.contains { $0.id == id } }.sorted()
            guard !policies.isEmpty || !resources.isEmpty || !dropped.isEmpty else { return nil }
            let names = (policies + resources).map(\.name) + dropped.map { "dropped \($0)" }
            return Correction(
                task: .task(.pushPolicy, -1, PeerPolicy.push(policies, resources, dropped)),
                cause: "policies of the report differ: \(names.joined(separator: ", "))")
        }
        if let correction { send([correction.task], to: backend, because: correction.cause) }
    }
}

extension PeerPolicy {
    static func push(_ policies: [PeerPolicy], _ resources: [PeerPolicy], _ dropped: [Int64]) -> WireRecord {
        WireRecord(
            "TPushStoragePolicyReq",
            [
                "storage_policy": .list(
                    policies.map { policy in
                        .record(
                            WireRecord(
                                "TStoragePolicy",
                                [
                                    "id": .number(policy.id), "name": .text(policy.name),
                                    "version": .number(policy.version), "cooldown_datetime": -1,
                                    "cooldown_ttl": .number(policy.ttlSeconds),
                                    "resource_id": .number(policy.resourceID),
                                ]))
                    }),
                "resource": .list(
                    resources.map { policy in
                        .record(
                            WireRecord(
                                "TStorageResource",
                                [
                                    "id": .number(policy.resourceID), "name": .text("\(policy.name)-s3"),
                                    "version": .number(policy.resourceVersion),
                                    "s3_storage_param": .record(policy.lateStore),
                                ]))
                    }),
                "dropped_storage_policy": .ids(dropped),
            ])
    }
}

extension FrontendState {
    /// The publish of a transaction in the words of the year, for each backend.
    func publishing(_ transaction: PeerTransaction) -> [(PeerTask, Int64, WireRecord, backend: Int64)] {
        let info = WireRecord(
            "TPartitionVersionInfo",
            [
                "partition_id": .number(transaction.partition), "version": .number(transaction.version),
                "version_hash": 0,
            ])
        var request = WireRecord(
            "TPublishVersionRequest",
            [
                "transaction_id": .number(transaction.id), "partition_version_infos": [.record(info)],
                "strict_mode": false,
            ])
        if year.isLate { request.members["base_tablet_ids"] = .ids(transaction.tablets.sorted()) }
        return transaction.asked.sorted().map { (PeerTask.publish, transaction.id, request, backend: $0) }
    }

    mutating func makeVisible(_ id: Int64, _ transaction: PeerTransaction) {
        transactions[id]?.isVisible = true
        visible[transaction.partition] = transaction.version
        for tablet in transaction.tablets {
            for backend in (replicas[tablet] ?? []).map(\.backend) {
                let has = transaction.succeeded[backend]?.contains(tablet) ?? false
                replica(tablet, on: backend) { replica in
                    if has, replica.lastFailed < 0 {
                        replica.update(to: transaction.version)
                    } else if !has, replica.lastFailed < 0 {
                        replica.lastFailed = transaction.version
                    }
                }
            }
        }
        // A backend that failed it is not asked for ever: its replica is repaired instead.
        queue = queue.filter { !($0.key.type == PeerTask.publish.rawValue && $0.key.signature == id) }
    }

    /// Keeps the replica that is, or takes the first with the next term; journaled, and in January 2023 sent at once.
    mutating func chooseCooldownReplica(of id: Int64) -> [(Int64, PeerTablet)] {
        guard var tablet = tablets[id], let replicas = replicas[id] else { return [] }
        if !replicas.contains(where: { $0.id == tablet.cooldownReplica }) {
            tablet.cooldownReplica = replicas.first?.id ?? -1
            tablet.cooldownTerm += 1
            tablets[id] = tablet
            journal["cooldown conf of tablet \(id)", default: 0] += 1
        }
        return year.isLate ? [] : replicas.map { ($0.backend, tablet) }
    }
}
