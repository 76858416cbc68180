internal import AgentTasks
internal import ClusterMetadata
internal import TabletModel

/// Which task of which backend.
struct StepKey: Hashable {
    var backend: BackendID
    var task: AgentTaskQueue.Key
}

/// One task of a phase: for one unit, or for some of one backend.
struct BackupStep {
    var task: AgentTask
    let backend: BackendID
    /// Indexes in the job's units.
    let units: [Int]
    var failures = 0
    /// Files, as the backend reports them.
    var filesDone = 0
    var filesTotal = 0
    /// It failed: when it is sent again; nil: it is at the backend.
    var retryAt: MonotonicTime?

    var key: StepKey { StepKey(backend: backend, task: .init(type: task.type, signature: task.signature)) }
}

extension BackupJob {
    /// Tablets in one UPLOAD or DOWNLOAD task: enough files that several are copied at once, and few enough that a task which
    /// fails costs little.
    static let tabletsPerCopy = 16
    /// How long a backend keeps a snapshot that nobody releases; a copy that takes longer fails.
    static let snapshotSeconds: Int64 = 259_200

    /// The tasks of the phase that the job is in; none of `saving`.
    /// - Parameters:
    ///   - state: for the tables' schema.
    ///   - create: makes the CREATE task of a unit.
    func steps(
        s3: S3Resource, schemaHash: SchemaHash, signatures: TaskSignatures, create: (Unit) -> AgentTask
    ) -> [BackupStep] {
        let wanted = units.indices.filter { !units[$0].isGivenUp }
        switch phase {
        case .creating:
            return wanted.map { BackupStep(task: create(units[$0]), backend: units[$0].backendID, units: [$0]) }
        case .snapshotting: return wanted.map { snapshotStep($0, schemaHash, signatures) }
        case .uploading:
            return groups(wanted).map { group in
                step(group, .upload, signatures) {
                    .upload(
                        UploadRequest(
                            jobID: id, folders: pairs(group, schemaHash, s3.bucket, localFirst: true),
                            place: BackupPlace(s3)))
                }
            }
        case .downloading:
            return groups(wanted).map { group in
                step(group, .download, signatures) {
                    .download(
                        DownloadRequest(
                            jobID: id, folders: pairs(group, schemaHash, s3.bucket, localFirst: false),
                            place: BackupPlace(s3)))
                }
            }
        case .moving:
            return wanted.map { index in
                step([index], .move, signatures) {
                    .move(
                        MoveRequest(
                            tabletID: units[index].tabletID, schemaHash: schemaHash,
                            source: units[index].localFolder(schemaHash), jobID: id, overwrite: true))
                }
            }
        case .beginning, .saving, .finished, .failed, .cancelled: return []
        }
    }

    private func snapshotStep(_ index: Int, _ schemaHash: SchemaHash, _ signatures: TaskSignatures) -> BackupStep {
        step([index], .makeSnapshot, signatures) {
            .makeSnapshot(
                SnapshotRequest(
                    tabletID: units[index].tabletID, schemaHash: schemaHash,
                    version: kind == .backup ? version : nil, timeoutSeconds: Self.snapshotSeconds, listFiles: true))
        }
    }

    private func step(
        _ group: [Int], _ type: TaskType, _ signatures: TaskSignatures, _ payload: () -> AgentTask.Payload
    ) -> BackupStep {
        BackupStep(
            task: AgentTask(type: type, signature: signatures.next(), payload: payload()),
            backend: units[group[0]].backendID, units: group)
    }

    /// By backend, some tablets each.
    private func groups(_ wanted: [Int]) -> [[Int]] {
        Dictionary(grouping: wanted) { units[$0].backendID }.sorted { $0.key < $1.key }.flatMap { _, indexes in
            stride(from: 0, to: indexes.count, by: Self.tabletsPerCopy).map {
                Array(indexes[$0..<min($0 + Self.tabletsPerCopy, indexes.count)])
            }
        }
    }

    private func pairs(
        _ group: [Int], _ schemaHash: SchemaHash, _ bucket: String, localFirst: Bool
    ) -> [String: String] {
        var pairs: [String: String] = [:]
        for index in group {
            let (local, remote) = (units[index].localFolder(schemaHash), "s3://\(bucket)/\(units[index].folder)")
            if localFirst { pairs[local] = remote } else { pairs[remote] = local }
        }
        return pairs
    }
}

extension BackupJob.Unit {
    /// The tablet's folder in its snapshot.
    func localFolder(_ schemaHash: SchemaHash) -> String { "\(snapshotPath ?? "")/\(tabletID)/\(schemaHash)" }
}
