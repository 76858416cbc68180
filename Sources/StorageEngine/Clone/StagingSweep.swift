internal import Logging
internal import Platform
public import TabletModel

extension CloneService {
    /// Removes staged files that no clone will go on with: those that nobody touched for `stagingExpiry`, or for a twenty-fourth
    /// of it when the tablet has no hole here by now (it may still be behind, and a clone about to go on). Goes through
    /// all that there are, then throws the first error, if any.
    public func sweepStaging(now: UnixTime) throws {
        var failure: (any Error)?
        for dir in engine.dataDirs where dir.filesMayGo {
            do {
                guard try fileSystem.exists(dir.layout.clone) else { continue }
                for id in try fileSystem.list(dir.layout.clone).compactMap({ TabletID(text: $0) }) {
                    do {
                        try sweep(id, in: dir, now)
                    } catch {
                        failure = failure ?? note(error, dir)
                    }
                }
            } catch {
                failure = failure ?? note(error, dir)
            }
        }
        if let failure { throw failure }
    }

    private func note(_ error: any Error, _ dir: DataDir) -> any Error {
        logger.error("clones' files not swept", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
        return error
    }

    /// The tablet was dropped: nobody goes on with its clone. What can't be removed is left to the sweep.
    public func forget(_ tablet: TabletID) {
        for dir in engine.dataDirs where dir.filesMayGo {
            let folder = "\(dir.layout.clone)/\(tablet)"
            do {
                guard try fileSystem.exists(folder), engine.tablets.reserve(tablet) else { continue }
                defer { engine.tablets.release(tablet) }
                try fileSystem.removeTree(folder)
            } catch {
                logger.warning(
                    "clone's files not removed, a sweep does it",
                    metadata: ["folder": "\(folder)", "error": "\(error)"])
            }
        }
    }

    private func sweep(_ id: TabletID, in dir: DataDir, _ now: UnixTime) throws {
        // A clone holds the id while it runs.
        guard engine.tablets.reserve(id) else { return }
        defer { engine.tablets.release(id) }
        let folder = "\(dir.layout.clone)/\(id)"
        let isWhole = engine.tablets.look(id)?.isWhole ?? false
        let expiry = isWhole ? settings.stagingExpiry / 24 : settings.stagingExpiry
        guard try newestChange(folder) <= now.seconds - expiry.wholeMilliseconds / 1000 else { return }
        try fileSystem.removeTree(folder)
        logger.info("files of a clone that is over removed", metadata: ["tablet": "\(id)", "folder": "\(folder)"])
    }

    private func newestChange(_ path: String) throws -> Int64 {
        guard let found = try fileSystem.status(path) else { return .min }
        var newest = found.modifiedAtSeconds
        guard found.isDirectory else { return newest }
        for name in try fileSystem.list(path) { newest = max(newest, try newestChange(path + "/" + name)) }
        return newest
    }
}
