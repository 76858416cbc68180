internal import Logging
internal import Platform
internal import Synchronization
internal import TabletModel

/// The trash of a data dir: `trash/{unix milliseconds}.{counter}.{tablet id}/…`, what a dropped tablet's folder held, and
/// `trash/{unix milliseconds}.{counter}.{tablet id}.{segment}`, a file of a lost rowset. The time in the name is when it got
/// there.
extension StorageEngine {
    /// Removes trash that is older than `trash_file_expire_time_sec`, or all of it; finishes drops and moves that were held up;
    /// gives up expired stale rowsets (by their age even with `all`: readers may ask for them); removes files of retired
    /// rowsets. Goes through all dirs whose files may go, full ones too, then throws the first error, if any.
    public func sweepTrash(all: Bool = false) throws {
        for tablet in leaving.all { finishDrop(of: tablet) }
        settleLeftArrivals()
        var failure: (any Error)?
        do {
            try sweepStaleRowsets()
        } catch {
            failure = error
        }
        for dir in dataDirs where dir.filesMayGo {
            dir.drainGarbage()
            do {
                try sweepTrash(of: dir, all: all)
            } catch {
                logger.error("trash not swept", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Finishes the drop of the tablet if it was dropped and somebody held it up. The id is reserved meanwhile: a new
    /// replica under this id begins only when nothing of the old one is left, and is never taken for it.
    func finishDrop(of tablet: Tablet) {
        guard leaving.contains(tablet), tablets.reserve(tablet.id) else { return }
        defer { tablets.release(tablet.id) }
        guard leaving.contains(tablet) else { return }
        finishOrDefer(tablet)
    }

    private func sweepTrash(of dir: DataDir, all: Bool) throws {
        let limit = environment.time.wallNow.milliseconds - options.trashExpiry.wholeMilliseconds
        var failure: (any Error)?
        for name in try fileSystem.list(dir.layout.trash) {
            guard let arrived = name.split(separator: ".").first.flatMap({ Int64($0) }) else {
                logger.warning("stray name in the trash is left", metadata: ["file": "\(dir.layout.trash)/\(name)"])
                continue
            }
            guard all || arrived <= limit else { continue }
            do {
                try fileSystem.removeTree(dir.layout.trash + "/" + name)
            } catch let error as FileSystemError where error.code == .notFound {
                // Another sweep is at it.
            } catch {
                failure = failure ?? error
            }
        }
        dir.trashBytes.store(try trashUsedBytes(dir), ordering: .relaxed)
        if let failure { throw failure }
    }

    /// Durable on return: the folder is in the trash, or (after a crash) where it was.
    func moveToTrash(_ folder: String, as name: String, in dir: DataDir) throws {
        let count = trashCounter.add(1, ordering: .relaxed).oldValue
        let now = environment.time.wallNow.milliseconds
        try fileSystem.rename(folder, to: "\(dir.layout.trash)/\(now).\(count).\(name)")
        try fileSystem.syncDirectory(dir.layout.trash)
        try fileSystem.syncDirectory(parentDirectory(of: folder))
    }

    /// Bytes of all files in the trash; walks it.
    func trashUsedBytes(_ dir: DataDir) throws -> Int64 { try treeBytes(dir.layout.trash) }

    private func treeBytes(_ path: String) throws -> Int64 {
        guard let found = try fileSystem.status(path) else { return 0 }
        guard found.isDirectory else { return found.sizeBytes }
        do {
            return try fileSystem.list(path).reduce(0) { try $0 + treeBytes(path + "/" + $1) }
        } catch let error as FileSystemError where error.code == .notFound {
            // A sweep was at it.
            return 0
        }
    }
}
