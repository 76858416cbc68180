internal import Logging
public import Platform
internal import Synchronization
internal import TabletModel

/// Settings of uploads and downloads of backups.
public struct BackupSettings: Sendable {
    /// Files of one task that are copied at the same time.
    public var parallelFiles = 4

    public init() {}
}

/// UPLOAD, DOWNLOAD and MOVE: copies snapshots to a backup's place and back, and makes a tablet of them. See
/// `docs/backup.md`.
///
/// Blocking; any thread. In a local snapshot folder one of them works at a time. Each may be repeated after any failure or
/// crash: what was copied and verified before is not copied again.
public final class BackupService: Sendable {
    public let engine: StorageEngine
    let settings: BackupSettings
    private let stores: any ObjectStoreProvider
    private let busy = Mutex<Set<String>>([])

    public init(
        engine: StorageEngine, stores: any ObjectStoreProvider, settings: BackupSettings = BackupSettings()
    ) {
        self.engine = engine
        self.stores = stores
        self.settings = settings
    }

    var logger: Logger { engine.environment.logger }

    func run(_ jobID: Int64, files: Int, _ report: @escaping BackupReport) throws -> BackupRun {
        let run = BackupRun(jobID: jobID, total: files, time: engine.environment.time, report: report)
        run.tell()
        try run.check()
        return run
    }

    /// The bucket that the remote folders are in, opened; they must be in one.
    func store(_ place: BackupPlace, for folders: [RemoteFolder]) throws -> any ObjectStore {
        guard let bucket = folders.first?.bucket, folders.allSatisfy({ $0.bucket == bucket }) else {
            throw BackupError.invalid("the task's folders are in several buckets, or there are none")
        }
        return try stores.store(for: place.resource(bucket: bucket))
    }

    /// Runs `body` while nobody else works in these folders.
    func alone<R>(in folders: [BackupFolder], _ body: () throws -> R) throws -> R {
        let paths = folders.map(\.path)
        guard Set(paths).count == paths.count else {
            throw BackupError.invalid("the task names a snapshot folder twice")
        }
        let taken = busy.withLock { busy -> String? in
            if let taken = paths.first(where: { busy.contains($0) }) { return taken }
            busy.formUnion(paths)
            return nil
        }
        if let taken { throw BackupError.folderBusy(taken) }
        defer { busy.withLock { $0.subtract(paths) } }
        return try body()
    }

    /// The objects of a backup's folder by name; what else lies there, or below, is none of ours.
    func objects(in folder: RemoteFolder, _ store: any ObjectStore) throws -> [BackupFileName: Int64] {
        var found: [BackupFileName: Int64] = [:]
        var listed = 0
        var continuation: String?
        repeat {
            let page = try store.list(prefix: folder.prefix, continuation: continuation)
            listed += page.objects.count
            guard listed <= BackupFolder.maxFiles else {
                throw BackupError.badBackup(
                    folder.description, reason: "more than \(BackupFolder.maxFiles) objects are in it")
            }
            for object in page.objects {
                guard let name = BackupFileName(object.key.dropFirst(folder.prefix.count)) else { continue }
                found[name] = object.sizeBytes
            }
            continuation = page.continuation
        } while continuation != nil
        return found
    }
}
