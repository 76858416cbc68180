internal import Synchronization

/// Loads, by the one way that a Doris FE has of putting rows into a backend of ours: PUSH of a file over HTTP.
extension DorisFrontend {
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
}
