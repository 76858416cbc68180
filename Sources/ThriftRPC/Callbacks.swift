internal import CThrift
internal import Platform
internal import ReportCodec
internal import TabletModel

// C++ reaches a handler through one retained box: made here, released by `release` when the server is gone.

private final class HandlerBox<Handler: Sendable>: Sendable {
    let handler: Handler
    init(_ handler: Handler) { self.handler = handler }

    static func retained(_ handler: Handler) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(HandlerBox(handler)).toOpaque()
    }
    static func release(_ context: UnsafeMutableRawPointer?) {
        guard let context else { return }
        Unmanaged<HandlerBox>.fromOpaque(context).release()
    }
    static func at(_ context: UnsafeMutableRawPointer?) -> Handler {
        guard let context else { preconditionFailure("a Thrift callback came without its context") }
        return Unmanaged<HandlerBox>.fromOpaque(context).takeUnretainedValue().handler
    }
}

extension CallerHost {
    fileprivate init(_ address: UnsafePointer<CChar>) { self.init(String(cString: address)) }
}

private typealias HeartbeatBox = HandlerBox<any HeartbeatHandler>
private typealias BackendBox = HandlerBox<any BackendHandler>
private typealias FrontendBox = HandlerBox<any FrontendHandler>

func heartbeatCallbacks(_ handler: any HeartbeatHandler) -> wire.HeartbeatCallbacks {
    wire.HeartbeatCallbacks(
        context: HeartbeatBox.retained(handler),
        release: { HeartbeatBox.release($0) },
        heartbeat: { context, caller, master, result in
            let reply = HeartbeatBox.at(context).heartbeat(MasterInfo(master.pointee), from: CallerHost(caller))
            reply.write(to: &result.pointee)
        })
}

func backendCallbacks(_ handler: any BackendHandler) -> wire.BackendCallbacks {
    wire.BackendCallbacks(
        context: BackendBox.retained(handler),
        release: { BackendBox.release($0) },
        submitTasks: { context, caller, first, count, result in
            let tasks = UnsafeBufferPointer(start: first, count: count).map { AgentTask($0) }
            let status = BackendBox.at(context).submitTasks(tasks, from: CallerHost(caller))
            result.pointee.status = status.spokenToAnyone.wireValue
        },
        makeSnapshot: { context, request, result in
            let snapshot = SnapshotRequest(request.pointee)
            BackendBox.at(context).makeSnapshot(snapshot).write(to: &result.pointee)
        },
        releaseSnapshot: { context, path, result in
            BackendBox.at(context).releaseSnapshot(path: string(path.pointee)).write(to: &result.pointee)
        },
        publishClusterState: { context, caller, result in
            BackendBox.at(context).publishClusterState(from: CallerHost(caller)).write(to: &result.pointee)
        },
        tabletStats: { context, result in
            let stats = BackendBox.at(context).tabletStats()
            result.pointee.__isset.tablet_stat_list = true
            result.pointee.tablet_stat_list.reserve(stats.count)
            for stat in stats { result.pointee.tablet_stat_list.push_back(stat.wireValue) }
        },
        trashUsedBytes: { BackendBox.at($0).trashUsedBytes() },
        diskTrash: { context, result in
            for disk in BackendBox.at(context).diskTrash() { result.pointee.push_back(disk.wireValue) }
        },
        cleanTrash: { BackendBox.at($0).cleanTrash(from: CallerHost($1)) },
        checkStorageFormat: { context, result in
            let (v1, v2) = BackendBox.at(context).checkStorageFormat()
            result.pointee.__set_v1_tablets(longList(v1))
            result.pointee.__set_v2_tablets(longList(v2))
        })
}

func frontendCallbacks(_ handler: any FrontendHandler) -> wire.FrontendCallbacks {
    wire.FrontendCallbacks(
        context: FrontendBox.retained(handler),
        release: { FrontendBox.release($0) },
        finishTasks: { context, requests, count, results in
            let answers = finishTasks(UnsafeBufferPointer(start: requests, count: count), FrontendBox.at(context))
            for (place, answer) in answers.enumerated() { results[place].status = answer.spokenToAnyone.wireValue }
        },
        report: { context, bytes, count, result, error in
            let copy = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
            do {
                let report = try ReportDecoder.decode(copy)
                result.pointee.status = FrontendBox.at(context).report(report).spokenToAnyone.wireValue
                return true
            } catch let failure {
                error.pointee = text("can't read the report: \(failure)")
                return false
            }
        },
        beginReport: { ReportReading.begun(FrontendBox.at($0)) },
        readReport: { reader, bytes, count, used, error in
            do {
                used.pointee = try ReportReading.at(reader).read(UnsafeRawBufferPointer(start: bytes, count: count))
                return true
            } catch let failure {
                error.pointee = text("can't read the report: \(failure)")
                return false
            }
        },
        endReport: { context, reader, bytes, count, result, error in
            defer { ReportReading.release(reader) }
            do {
                let report = try ReportReading.at(reader).end(UnsafeRawBufferPointer(start: bytes, count: count))
                result.pointee.status = FrontendBox.at(context).report(report).spokenToAnyone.wireValue
                return true
            } catch let failure {
                error.pointee = text("can't read the report: \(failure)")
                return false
            }
        },
        dropReport: { ReportReading.release($0) },
        ping: { context, request, result in
            let ping = PingRequest(clusterID: request.pointee.clusterId, token: string(request.pointee.token))
            FrontendBox.at(context).ping(ping).write(to: &result.pointee)
        },
        refreshStoragePolicy: { context, isTabletd, result in
            let (status, rules) = FrontendBox.at(context).storageRules()
            result.pointee.__set_status(status.spokenToAnyone.wireValue)
            // An FE of 2026 has no such method, so a backend that asks and is not ours is of 2023.
            rules.spoken(in: isTabletd ? .tabletd : .year2023).write(to: &result.pointee)
        },
        confirmUnusedRemoteFiles: { context, request, result in
            let states = request.pointee.confirm_list.compactMap { TabletCooldownState($0) }
            let confirmed = FrontendBox.at(context).confirmUnusedRemoteFiles(states)
            result.pointee.__set_confirmed_tablets(longList(confirmed))
        },
        snapshotLoaderReport: { context, request, result in
            let progress = LoaderProgress(request.pointee)
            let answer = FrontendBox.at(context).snapshotLoaderReport(progress)
            result.pointee = answer.spokenToAnyone.wireValue
        },
        // No user has a share of anything here: the whole truth, and what the other side takes for it.
        fetchResource: { _, _ in },
        forward: { _, request, result in StatementRefusal.write(to: &result.pointee, for: request.pointee) },
        initExternalCtlMeta: { _, result in StatementRefusal.write(to: &result.pointee) })
}

/// What can't be read is answered, so that the peer gives its end up and the task runs again after the next report.
private func finishTasks(
    _ messages: UnsafeBufferPointer<wire.TFinishTaskRequest>, _ handler: any FrontendHandler
) -> [RPCStatus] {
    var requests: [FinishTaskRequest] = []
    requests.reserveCapacity(messages.count)
    var unread: [Int: RPCStatus] = [:]
    for place in messages.indices {
        do {
            requests.append(try FinishTaskRequest(messages[place]))
        } catch {
            unread[place] = RPCStatus(.invalidArgument, "can't read the end of the task: \(error)")
        }
    }
    var answers = requests.isEmpty ? [] : handler.finishTasks(requests)
    for (place, status) in unread.sorted(by: { $0.key < $1.key }) { answers.insert(status, at: place) }
    return answers
}
