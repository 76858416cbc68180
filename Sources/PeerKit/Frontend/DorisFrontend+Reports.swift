internal import Synchronization

extension DorisFrontend {
    func answer(_ method: String, _ arguments: WireRecord) -> PeerAnswer {
        switch method {
        case "finishTask": return master(finishTask(arguments.record("request") ?? WireRecord("TFinishTaskRequest")))
        case "report": return master(report(arguments.record("request") ?? WireRecord("TReportRequest")))
        case "refreshStoragePolicy":
            let entries = state.withLock { $0.policies.map { WireValue.record($0.entry) } }
            return .value(
                .record(
                    WireRecord(
                        "TGetStoragePolicyResult",
                        ["status": .record(.status(0)), "result_entrys": .list(entries)])))
        case "snapshotLoaderReport": return .value(.record(.status(0)))
        case "confirmUnusedRemoteFiles":
            return .value(.record(WireRecord("TConfirmUnusedRemoteFilesResult", ["confirmed_tablets": []])))
        case "fetchResource":
            return .value(
                .record(
                    WireRecord(
                        "TFetchResourceResult",
                        ["protocolVersion": 0, "resourceVersion": 0, "resourceByUser": .map([:])])))
        default:
            findings.record(.conduct, method, "a backend has no business with it")
            return .value(nil)
        }
    }

    private func master(_ status: WireRecord) -> PeerAnswer {
        .value(.record(WireRecord("TMasterResult", ["status": .record(status)])))
    }

    private func report(_ report: WireRecord) -> WireRecord {
        let host = report.text("backend.host") ?? ""
        let port = report.number("backend.be_port") ?? 0
        guard let backend = state.withLock({ $0.backend(host: host, port: port) }) else {
            // Its first report may be faster than the answer of its first heartbeat.
            if readyBackends.count == state.withLock({ $0.backends.count }) {
                findings.record(.conduct, "report.backend", "no backend \(host):\(port)")
            }
            return .status(6, "backend does not exist")
        }
        if let tasks = report["tasks"]?.map { handleTasks(tasks, backend) }
        if let disks = report["disks"]?.map { handleDisks(disks, backend) }
        handlePolicies(report, backend)
        if let tablets = report["tablets"]?.map {
            guard let version = report.number("report_version") else {
                findings.record(.conduct, "report.report_version", "a tablet report without it")
                return .status(6, "no report version")
            }
            handleTablets(tablets, version, backend)
        }
        return .status(0)
    }

    private func count(_ kind: String, _ backend: Int64) {
        state.withLock { $0.backends[backend]?.reports[kind, default: 0] += 1 }
    }

    // MARK: Tasks and disks

    /// What is queued and not reported is sent again, but for three types; a publish only from an age on.
    private func handleTasks(_ tasks: [WireValue: WireValue], _ backend: Int64) {
        count("tasks", backend)
        let now = Self.now
        let again = state.withLock { state in
            state.queue.compactMap { key, task -> WireRecord? in
                let never: [PeerTask] = [.create, .checkConsistency, .migrate]
                guard key.backend == backend, !never.contains(where: { $0.rawValue == key.type }),
                    !(tasks[.number(key.type)]?.list ?? []).contains(.number(key.signature)),
                    task.created.map({ now - $0 > pace.resend }) ?? true
                else { return nil }
                return task.request
            }
        }
        for task in again { send([task], to: backend, because: "the task report lacks it") }
    }

    private func handleDisks(_ disks: [WireValue: WireValue], _ backend: Int64) {
        count("disks", backend)
        for (root, disk) in disks where disk.record?.number("path_hash") == nil {
            findings.record(.conduct, "report.disks{}.path_hash", "disk \(root) has none")
        }
        if disks.isEmpty { findings.record(.conduct, "report.disks", "a backend without disks") }
    }

    // MARK: Tablets

    private func handleTablets(_ tablets: [WireValue: WireValue], _ version: Int64, _ backend: Int64) {
        count("tablets", backend)
        let corrections = state.withLock { state -> [Correction] in
            guard version >= state.backends[backend]?.reportVersion ?? 0 else { return [] }
            state.raise(version, of: backend)
            var corrections: [Correction] = []
            for (id, holder) in tablets {
                guard let tablet = id.number, let info = holder.record?.records("tablet_infos").first else { continue }
                corrections += state.compare(tablet, info, on: backend)
            }
            for (tablet, replicas) in state.replicas where tablets[.number(tablet)] == nil {
                guard let replica = replicas.first(where: { $0.backend == backend }), !replica.isCloning else {
                    continue
                }
                let isMade = state.queue[TaskKey(backend: backend, type: 0, signature: tablet)] == nil
                if isMade { state.journal["OP_DELETE_REPLICA: tablet \(tablet) on \(backend)", default: 0] += 1 }
            }
            return corrections
        }
        for correction in corrections { send([correction.task], to: backend, because: correction.cause) }
    }
}

/// A task that is sent because a report differs from the metadata. It is in no queue: the next report causes the next one.
struct Correction {
    var task: WireRecord
    var cause: String
}
