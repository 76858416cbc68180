internal import Synchronization

/// ALTER, CLONE and DROP.
extension DorisFrontend {
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
}
