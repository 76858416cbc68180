internal import Platform
public import TabletModel

/// What the storage engine refuses or could not do. Errors of the seams (`FileSystemError`, `KeyValueStoreError`,
/// `HTTPFetchError`), of segments (`SegmentError`) and of records (`StoredFormatError`) pass through unwrapped;
/// `RPCStatus(describing:)` turns any of them into the status an FE sees.
public enum EngineError: Error, Hashable, Sendable {
    /// No data dir of the configuration can be used; each with its reason.
    case noUsableDataDir([String])
    /// Data dirs name different clusters and the configuration does not say which is right.
    case clusterIDsDisagree([String])
    /// Data dirs of several backends: each with whose it is.
    case backendUUIDsDisagree([String])
    case clusterIDConflict(stored: Int32, given: Int32)
    case noDataDirWithSpace(medium: StorageMedium?, reasons: [String])
    case unknownTablet(TabletID)
    /// The tablets are still being loaded: try again.
    case loading
    case schemaHashMismatch(TabletID, local: SchemaHash, requested: SchemaHash)
    case replicaMismatch(TabletID, local: ReplicaID, requested: ReplicaID)
    case tabletNotRunning(TabletID, TabletState)
    /// Another change of the same thing is under way: try again.
    case busy(TabletID, what: String)
    case notImplemented(String)
    case invalidArgument(String)
    /// What was fetched is not what the task announced.
    case sizeMismatch(url: String, expected: Int64, got: Int64)
    case noPendingRowset(TabletID, TransactionID)
    case versionExists(TabletID, VersionRange)
    /// The version to publish holds the rows of another transaction; those of `requested` stay pending.
    case versionTaken(TabletID, Version, holder: TransactionID, requested: TransactionID)
    /// The version to publish is there, in a rowset that does not tell any longer whose rows it holds; those of `requested`
    /// stay pending.
    case versionOfUnknownOrigin(TabletID, Version, requested: TransactionID)
    case versionNotReadable(TabletID, Version, missing: [VersionRange])
    /// The precondition of a change no longer holds.
    case conflict(TabletID, reason: String)
    /// The meta store of the data dir failed to make a change durable, and whether the change is there is not known: what
    /// it names must stay. Until that is known the dir is out of use.
    case metaUnavailable(dataDir: String, reason: String)
    /// The meta store took no write: nothing of the change is there, nor ever will be. Try again.
    case metaNotWritten(dataDir: String, reason: String)
    case dataDirUnusable(String, reason: String)
    /// What is in the data dir can be read, and nothing of it changed.
    case dataDirReadOnly(String, reason: String)
    /// Deletes that no base compaction has carried out yet: each makes reading slower, so that there is a limit.
    case tooManyDeletes(TabletID, count: Int)
    /// A rowset names a segment that is not there, or whose bytes are wrong.
    case brokenTablet(TabletID, reason: String)
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noUsableDataDir(let reasons):
            "no data dir can be used (\(reasons.joined(separator: "; "))): repair one of storage_root_path and start again"
        case .clusterIDsDisagree(let dirs):
            "the data dirs belong to different clusters (\(dirs.joined(separator: "; "))): set cluster_id in the "
                + "configuration to the right one, or remove the foreign dir from storage_root_path"
        case .backendUUIDsDisagree(let dirs):
            "the data dirs belong to different backends (\(dirs.joined(separator: "; "))): take the foreign ones out of "
                + "storage_root_path; their tablets are served where they come from, or are repaired from other replicas"
        case .clusterIDConflict(let stored, let given):
            "the data dirs belong to cluster \(stored), not to cluster \(given)"
        case .noDataDirWithSpace(let medium, let reasons):
            "no data dir \(medium.map { "of medium \($0) " } ?? "")can take a tablet (\(reasons.joined(separator: "; ")))"
        case .unknownTablet(let id): "tablet \(id) is not on this backend"
        case .loading: "tablets are still being loaded: try again"
        case .schemaHashMismatch(let id, let local, let requested):
            "tablet \(id) has schema hash \(local) here, the request says \(requested)"
        case .replicaMismatch(let id, let local, let requested):
            "tablet \(id) is replica \(local) here, the request says \(requested)"
        case .tabletNotRunning(let id, let state): "tablet \(id) is \(state), not running"
        case .busy(let id, let what): "tablet \(id): \(what) is under way: try again"
        case .notImplemented(let what): "\(what) is not implemented"
        case .invalidArgument(let message): message
        case .sizeMismatch(let url, let expected, let got):
            "GET \(url) gave \(got) bytes, the task announced \(expected)"
        case .noPendingRowset(let id, let transaction):
            "tablet \(id) has no rowset of transaction \(transaction) to publish"
        case .versionExists(let id, let versions): "tablet \(id) already has rowsets in \(versions)"
        case .versionTaken(let id, let version, let holder, let requested):
            "tablet \(id) holds version \(version) already, with the rows of transaction \(holder); those of transaction "
                + "\(requested) stay pending: the FE's metadata is older than this backend's data, see tabletctl meta status"
        case .versionOfUnknownOrigin(let id, let version, let requested):
            "tablet \(id) holds version \(version) in a merged rowset that does not tell whose rows it has; those of "
                + "transaction \(requested) stay pending until the FE clears or publishes them elsewhere"
        case .versionNotReadable(let id, let version, let missing):
            "tablet \(id) can't be read at version \(version)"
                + (missing.isEmpty
                    ? "" : ": it lacks \(missing.map(\.description).joined(separator: ", "))")
        case .conflict(let id, let reason): "tablet \(id): \(reason)"
        case .metaUnavailable(let dir, let reason):
            "meta store of data dir \(dir) failed, and what became of its last change is not known: \(reason)"
        case .metaNotWritten(let dir, let reason):
            "nothing was changed in data dir \(dir), its meta store took no write: \(reason)"
        case .dataDirUnusable(let dir, let reason): "data dir \(dir) can't be used: \(reason)"
        case .dataDirReadOnly(_, let reason): "nothing in the data dir can be changed: \(reason)"
        case .tooManyDeletes(let id, let count):
            "tablet \(id) has \(count) deletes that are not carried out yet and takes no more: base compaction carries them "
                + "out, but not where older rows are in an object store: delete more with one condition there"
        case .brokenTablet(let id, let reason): "tablet \(id) is broken: \(reason)"
        }
    }

    /// The status code an FE sees. Codes that a Doris BE has for the case (`contract/behaviour.md` §2), else the nearest.
    public var statusCode: StatusCode {
        switch self {
        case .unknownTablet: .notFound
        case .replicaMismatch, .busy, .conflict, .tooManyDeletes: .aborted
        case .schemaHashMismatch, .versionExists, .versionTaken: .alreadyExist
        case .versionOfUnknownOrigin: .incomplete
        case .notImplemented: .notImplementedError
        case .invalidArgument: .invalidArgument
        case .tabletNotRunning: .illegalState
        case .sizeMismatch, .brokenTablet: .corruption
        case .loading, .metaUnavailable, .metaNotWritten, .dataDirUnusable, .dataDirReadOnly: .serviceUnavailable
        case .noUsableDataDir, .clusterIDsDisagree, .backendUUIDsDisagree, .clusterIDConflict, .noDataDirWithSpace,
            .noPendingRowset,
            .versionNotReadable:
            .internalError
        }
    }
}

extension RPCStatus {
    /// The status that tells an FE of an error that the engine or one of its seams threw.
    public init(describing error: any Error) {
        let code: StatusCode =
            switch error {
            case let error as EngineError: error.statusCode
            case let error as CloneError: error.statusCode
            case let error as BackupError: error.statusCode
            case let error as MigrationError: error.statusCode
            case is SegmentError: .corruption
            case is FileSystemError: .ioError
            case let error as KeyValueStoreError: error.code == .corruption ? .corruption : .ioError
            case is HTTPFetchError: .networkError
            case is ObjectStoreError: .remoteError
            default: .internalError
            }
        self.init(code, String(describing: error))
    }
}
