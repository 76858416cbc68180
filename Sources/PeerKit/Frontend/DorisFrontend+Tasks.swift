internal import Synchronization

extension DorisFrontend {
    /// The cause of what a person asked for. Everything else is a correction of the frontend's own.
    static let statement = "statement"

    /// Puts tasks into the queue, the first of a key wins, and sends them.
    func enqueue(_ tasks: [(PeerTask, Int64, WireRecord, backend: Int64)]) {
        let now = Self.now
        state.withLock { state in
            for (type, signature, request, backend) in tasks {
                let key = TaskKey(backend: backend, type: type.rawValue, signature: signature)
                guard state.queue[key] == nil else { continue }
                let task = WireRecord.task(type, signature, request)
                state.queue[key] = QueuedTask(
                    request: task, cause: Self.statement, created: type == .publish ? now : nil)
            }
        }
        for (type, signature, request, backend) in tasks {
            send([.task(type, signature, request)], to: backend, because: Self.statement)
        }
    }

    /// One `submit_tasks`. The answer is read, and ignored as Doris' FE does.
    func send(_ tasks: [WireRecord], to backend: Int64, because cause: String) {
        let port = state.withLock { state in
            let schema = state.year.schema
            for task in tasks {
                let sent = SentTask(
                    backend: backend, type: schema.name(task.number("task_type") ?? -1, of: "TTaskType"),
                    signature: task.number("signature") ?? 0, cause: cause)
                state.sent[sent, default: 0] += 1
                if cause != Self.statement { state.corrections.append((sent, state.round(backend))) }
            }
            return state.backends[backend]?.bePort ?? 0
        }
        do {
            try call("BackendService", port, "submit_tasks", ["tasks": .list(tasks.map { .record($0) })])
        } catch {
            findings.record(
                .conduct, "submit_tasks", "\(tasks.first.map { $0.number("task_type") ?? -1 } ?? -1): \(error)")
        }
    }

    // MARK: Ends

    func finishTask(_ request: WireRecord) -> WireRecord {
        let host = request.text("backend.host") ?? ""
        let port = request.number("backend.be_port") ?? 0
        guard let backend = state.withLock({ $0.backend(host: host, port: port) }) else {
            findings.record(.conduct, "finishTask.backend", "no backend \(host):\(port)")
            return .status(1, "backend not found")
        }
        let type = request.number("task_type") ?? -1
        let key = TaskKey(backend: backend, type: type, signature: request.number("signature") ?? 0)
        let queued = state.withLock { state in
            state.ends[key, default: []].append(request)
            return state.queue[key]
        }
        guard let queued else {
            let harmless: [PeerTask] = [.drop, .releaseSnapshot, .clearTransaction]
            return harmless.contains { $0.rawValue == type } ? .status(0) : .status(1, "task does not exist")
        }
        let isOK = request.number("task_status.status_code") == 0
        guard isOK || Self.failuresThatEnd.contains(where: { $0.rawValue == type }) else {
            state.withLock { $0.queue[key]?.failures += 1 }
            return .status(0)
        }
        do {
            try end(key, queued, request, isOK: isOK)
            return .status(0)
        } catch {
            findings.record(.conduct, "finishTask of \(year.schema.name(type, of: "TTaskType"))", "\(error)")
            return .status(1, "finish agent task error.")
        }
    }

    private static let failuresThatEnd: [PeerTask] = [
        .makeSnapshot, .upload, .download, .move, .clone, .publish, .create, .updateMeta, .migrate,
    ]

    /// The frontend's handler of the type. - Throws: what would be an exception there.
    private func end(_ key: TaskKey, _ task: QueuedTask, _ request: WireRecord, isOK: Bool) throws {
        switch PeerTask(rawValue: key.type) {
        case .create where isOK:
            guard let version = request.number("report_version") else { throw Refusal("no report_version") }
            guard request.records("finish_tablet_infos").first?.number("path_hash") != nil else {
                throw Refusal("no tablet info with a path_hash")
            }
            state.withLock { $0.raise(version, of: key.backend) }
        case .push, .realtimePush:
            guard let version = request.number("report_version") else { throw Refusal("no report_version") }
            guard (1...2).contains(request.records("finish_tablet_infos").count) else {
                throw Refusal("\(request.records("finish_tablet_infos").count) tablet infos")
            }
            state.withLock { $0.raise(version, of: key.backend) }
        case .publish: try endPublish(key, request, isOK: isOK)
        case .clone where isOK:
            let wanted = task.request.record("clone_req")?.number(year.isLate ? "version" : "committed_version") ?? 0
            guard let info = request.records("finish_tablet_infos").first, let version = info.number("version"),
                version >= wanted
            else { throw Refusal("the clone has not the version \(wanted)") }
            state.withLock { state in
                state.replica(key.signature, on: key.backend) { replica in
                    replica.isCloning = false
                    replica.update(to: version)
                }
            }
        case .checkConsistency:
            guard request.number("request_version") == task.request.record("check_consistency_req")?.number("version")
            else { throw Refusal("request_version is not the task's") }
        default: break
        }
        guard isOK || key.type != PeerTask.publish.rawValue else { return }
        state.withLock { _ = $0.queue.removeValue(forKey: key) }
    }

    private func endPublish(_ key: TaskKey, _ request: WireRecord, isOK: Bool) throws {
        let isLate = year.isLate
        let map = request["succ_tablets"]?.map
        if isLate, map == nil {
            // The frontend calls `containsKey` on it: the transaction is never visible, on any backend.
            throw Refusal("no succ_tablets: the transaction never becomes visible")
        }
        state.withLock { state in
            if let version = request.number("report_version") { state.raise(version, of: key.backend) }
            guard var transaction = state.transactions[key.signature] else { return }
            let errors = Set(request.list("error_tablet_ids").compactMap(\.number))
            let have = map.map { Set($0.keys.compactMap(\.number)) }
            transaction.ended.insert(key.backend)
            let succeeded = isLate ? have ?? [] : isOK || !errors.isEmpty ? transaction.tablets.subtracting(errors) : []
            transaction.succeeded[key.backend, default: []].formUnion(succeeded)
            state.transactions[key.signature] = transaction
        }
    }
}

/// What a handler of the frontend throws.
struct Refusal: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

extension FrontendState {
    /// LATE only raises it; in January 2023 it may go back, which is a defect (§11, 36).
    mutating func raise(_ version: Int64, of backend: Int64) {
        guard let known = backends[backend]?.reportVersion else { return }
        backends[backend]?.reportVersion = max(known, version)
    }
}
