internal import Foundation
internal import Synchronization

extension DorisBackend {
    func answer(_ method: String, _ arguments: WireRecord) -> PeerAnswer {
        switch method {
        case "submit_tasks": return submit(arguments.records("tasks"))
        case "make_snapshot":
            let path = "/peer/snapshot/20261130000000.0.172800"
            return agent(.status(0), ["snapshot_path": .text(path), "snapshot_version": 4])
        case "release_snapshot": return agent(.status(0))
        case "publish_cluster_state": return agent(.status(3, "Not implemented"))
        case "publish_topic_info":
            return .value(.record(WireRecord("TPublishTopicResult", ["status": .record(.status(0))])))
        case "get_tablet_stat":
            let stats = state.withLock { $0.tablets.keys.sorted() }.map { id in
                WireValue.record(
                    WireRecord(
                        "TTabletStat",
                        [
                            "tablet_id": .number(id), "data_size": 0, "remote_data_size": 0,
                            year.isLate ? "row_count" : "row_num": 0,
                            year.isLate ? "total_version_count" : "version_count": 1,
                        ]))
            }
            return .value(
                .record(
                    WireRecord("TTabletStatResult", ["tablets_stats": .map([:]), "tablet_stat_list": .list(stats)])))
        case "get_trash_used_capacity": return .value(0)
        case "get_disk_trash_used_capacity": return .value([])
        case "check_storage_format": return .value(.record(WireRecord("TCheckStorageFormatResult", [:])))
        case "get_stream_load_record":
            return .value(.record(WireRecord("TStreamLoadRecordResult", ["stream_load_record": .map([:])])))
        default: return .value(nil)
        }
    }

    private func agent(_ status: WireRecord, _ more: [String: WireValue?] = [:]) -> PeerAnswer {
        .value(.record(WireRecord("TAgentResult", more.merging(["status": .record(status)]) { $1 })))
    }

    /// One answer for the whole batch, the last error wins (§2 of the contract).
    private func submit(_ tasks: [WireRecord]) -> PeerAnswer {
        var last = WireRecord.status(0)
        for task in tasks {
            guard let type = PeerTask(rawValue: task.number("task_type") ?? -1), let request = task.record(type.member)
            else {
                let name = year.schema.name(task.number("task_type") ?? -1, of: "TTaskType")
                findings.record(.conduct, "submit_tasks of \(name)", "without its member, or of no use to a BE")
                last = .status(33, "wrong task")
                continue
            }
            let signature = task.number("signature") ?? 0
            if [.push, .realtimePush].contains(type), diesOf(request) { return .processEnds }
            let isNew = state.withLock { state in
                let name = "\(year.schema.name(type.rawValue, of: "TTaskType")) \(signature) \(request.hashValue)"
                state.received[name, default: (0, 0)].count += 1
                state.received[name]?.last = Self.now
                if type.hasNoEnd { return true }
                return state.registered[type.rawValue, default: []].insert(signature).inserted
            }
            guard isNew else { continue }
            PeerServer.start("peer-task") { [weak self] in self?.run(type, signature, request) }
        }
        return agent(last)
    }

    /// The first range is read without a look whether there is one (row 11 of the newer contract).
    private func diesOf(_ request: WireRecord) -> Bool {
        let isLoad = request.number("push_type") == 0 || request.number("push_type") == 3
        guard isLoad, request["broker_scan_range"] == nil else { return false }
        end(because: "push_req without broker_scan_range: the process of a real BE ends")
        return true
    }

    private func run(_ type: PeerTask, _ signature: Int64, _ request: WireRecord) {
        var ended = WireRecord("TFinishTaskRequest", ["task_status": .record(.status(0))])
        state.withLock { state in
            switch type {
            case .create: state.create(request, &ended)
            case .drop: state.drop(request, &ended)
            case .push, .realtimePush: state.push(request, &ended)
            case .publish: state.publish(signature, request, &ended, isLate: year.isLate)
            case .clearTransaction: state.transactions[signature] = nil
            case .updateMeta: state.update(request)
            case .cooldownConf: state.confs(request)
            case .notifyPolicy: state.policyChecksums[request.text("policy_name") ?? ""] = request.text("md5_checksum")
            case .pushPolicy: state.policies(request)
            case .checkConsistency:
                ended.members["tablet_checksum"] = 1
                ended.members["request_version"] = request["version"]
            case .cleanTrash, .visibleVersion, .cleanUDFCache, .gcBinlog, .indexPolicy, .clearAlter, .releaseSnapshot:
                break
            default: ended.members["task_status"] = .record(.status(3, "the kit does not play it"))
            }
        }
        if type == .clone { clone(request, &ended) }
        finish(type, signature, ended)
    }

    /// Three tries, one pause, then given up: the task leaves the registry (§4 of the contract).
    private func finish(_ type: PeerTask, _ signature: Int64, _ ended: WireRecord) {
        defer { state.withLock { _ = $0.registered[type.rawValue]?.remove(signature) } }
        guard !type.hasNoEnd else { return }
        var request = ended
        request.members["backend"] = .record(place)
        request.members["task_type"] = .number(type.rawValue)
        request.members["signature"] = .number(signature)
        let name = year.schema.name(type.rawValue, of: "TTaskType")
        for _ in 1...3 {
            do {
                let answer = try call("finishTask", ["request": .record(request)])
                state.withLock { $0.ended["\(name) \(signature)", default: 0] += 1 }
                // CANCELLED: the frontend does not know the task; a BE looks at no status here.
                _ = answer
                return
            } catch {
                findings.record(.conduct, "finishTask of \(name)", "\(error)")
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
    }

    /// From another Doris BE alone: the files of ours are of another format.
    private func clone(_ request: WireRecord, _ ended: inout WireRecord) {
        let version = request.number(year.isLate ? "version" : "committed_version") ?? 1
        let tablet = request.number("tablet_id") ?? 0
        for source in request.records("src_backends") {
            guard let port = source.number("be_port"), Self.agentPorts.withLock({ $0.contains(Int32(port)) }) else {
                findings.record(
                    .conduct, "clone_req.src_backends",
                    "a Doris BE can't read the files of \(source.number("be_port") ?? 0)")
                continue
            }
            let held = state.withLock { state in
                var held = state.tablets[tablet] ?? HeldTablet(request)
                held.version = version
                held.replicaID = request.number("replica_id") ?? held.replicaID
                state.tablets[tablet] = held
                return held
            }
            ended.members["finish_tablet_infos"] = [.record(held.info(tablet, year))]
            return
        }
        ended.members["task_status"] = .record(.status(6, "no source"))
    }

    /// Of all Doris backends of this process.
    static let agentPorts = Mutex<Set<Int32>>([])
}
