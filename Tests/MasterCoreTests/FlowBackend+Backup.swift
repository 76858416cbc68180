import ClusterTestKit
import Platform
import Synchronization
import TabletModel

@testable import MasterCore

extension FlowBackend {
    private static let digest = String(repeating: "0a", count: 16)

    /// What the tasks of backups and restores do: a snapshot is the rows of a tablet, an object, too.
    func copy(_ task: AgentTask, for master: Master, _ request: inout FinishTaskRequest) {
        switch task.payload {
        case .makeSnapshot(let wanted): state.withLock { $0.makeSnapshot(wanted, host: address.host, &request) }
        case .releaseSnapshot(let path):
            state.withLock { state in
                state.snapshots = state.snapshots.filter { !$0.key.hasPrefix(path) }
            }
        case .upload(let upload):
            guard isWanted(upload.jobID, task, master, &request) else { return }
            var files: [TabletID: [String]] = [:]
            for (local, remote) in upload.folders.sorted(by: { $0.key < $1.key }) {
                guard let tablet = local.split(separator: "/").dropLast().last.flatMap({ TabletID(text: $0) }),
                    let rows = state.withLock({ $0.snapshots[local] }), let (store, key) = place(upload.place, remote)
                else { return request.status = RPCStatus(.corruption, "\(local) is not there") }
                let name = "\(tablet).hdr.\(Self.digest)"
                do {
                    try store.put("\(key)/\(name)", from: BytesSource(Array(rows.utf8)))
                } catch {
                    return request.status = RPCStatus(.remoteError, "\(error)")
                }
                files[tablet] = [name]
            }
            request.tabletFiles = files
        case .download(let download):
            guard isWanted(download.jobID, task, master, &request) else { return }
            for (remote, local) in download.folders.sorted(by: { $0.key < $1.key }) {
                guard let (store, key) = place(download.place, remote),
                    let found = try? store.listAll(prefix: "\(key)/").first,
                    let bytes = try? store.getAll(found.key), state.withLock({ $0.snapshots[local] }) != nil
                else { return request.status = RPCStatus(.remoteError, "\(remote) or \(local) is not there") }
                state.withLock { $0.snapshots[local] = String(decoding: bytes, as: UTF8.self) }
            }
            request.downloadedTabletIDs = []
        case .move(let move): state.withLock { $0.carryOut(move, &request) }
        default: break
        }
    }

    private func isWanted(
        _ job: Int64, _ task: AgentTask, _ master: Master, _ request: inout FinishTaskRequest
    ) -> Bool {
        let answer = master.frontend.snapshotLoaderReport(
            LoaderProgress(jobID: job, taskID: task.signature, type: task.type, finished: 1, total: 3))
        if !answer.isOK { request.status = answer }
        return answer.isOK
    }

    private func place(_ place: BackupPlace, _ path: String) -> (store: MemoryObjectStore, key: String)? {
        let parts = path.dropFirst("s3://".count).split(separator: "/", maxSplits: 1)
        guard let objects = state.withLock({ $0.objects }), parts.count == 2 else { return nil }
        let resource = S3Resource(
            endpoint: place.properties["AWS_ENDPOINT"] ?? "", accessKey: "", secretKey: "", bucket: String(parts[0]))
        return (objects.memoryStore(for: resource), String(parts[1]))
    }
}

extension FlowBackend.State {
    fileprivate mutating func makeSnapshot(
        _ wanted: SnapshotRequest, host: String, _ request: inout FinishTaskRequest
    ) {
        guard let tablet = tablets[wanted.tabletID], tablet.version >= wanted.version ?? 0 else {
            request.status = RPCStatus(.internalError, "tablet \(wanted.tabletID) has no such version")
            return
        }
        snapshotCount += 1
        let path = "/\(host)/snapshot/\(snapshotCount)"
        let rows = tablet.rowsByVersion.filter { $0.key <= wanted.version ?? .greatest }.sorted { $0.key < $1.key }
        let version = wanted.version ?? tablet.version
        snapshots["\(path)/\(wanted.tabletID)/\(wanted.schemaHash)"] = "\(version)\n" + rows.map(\.value).joined()
        request.snapshotPath = path
    }

    fileprivate mutating func carryOut(_ move: MoveRequest, _ request: inout FinishTaskRequest) {
        // The version, then the rows.
        let parts = snapshots[move.source]?.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, let version = Int64(parts[0]).map({ Version($0) }), var tablet = tablets[move.tabletID]
        else {
            request.status = RPCStatus(.corruption, "\(move.source) is not there")
            return
        }
        tablet.base = version.previous
        tablet.rowsByVersion = [version: String(parts[1])]
        tablets[move.tabletID] = tablet
        reportVersion += 1
        request.reportVersion = reportVersion
    }
}
