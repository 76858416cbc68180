internal import Platform
internal import StoredFormats
internal import TabletModel

extension MigrationService {
    /// The dir to move to (`contract/behaviour.md` §2): the one that is named; else, of the dirs of another medium that is asked
    /// for, the least loaded that takes the tablet's bytes.
    func target(_ request: MigrateRequest, of tablet: Tablet) throws -> DataDir {
        let bytes = tablet.localBytes(pending: engine.pending.entries(of: tablet.id))
        guard let named = request.dataDir else { return try target(on: request.medium, of: tablet, bytes) }
        let dir = try dir(named, tablet)
        guard dir !== tablet.dataDir else { throw MigrationError.sameDir(tablet.id, dir: dir.path) }
        try dir.checkChangeable()
        if let reason = dir.refusal(of: bytes) {
            throw EngineError.noDataDirWithSpace(medium: dir.medium, reasons: [reason])
        }
        return dir
    }

    /// A dir is known by the path of `storage_root_path` alone: what a link or ".." leads to is not looked up.
    private func dir(_ path: String, _ tablet: Tablet) throws -> DataDir {
        let plain = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if let dir = engine.dataDirs.first(where: { $0.path == plain }) { return dir }
        if let away = engine.unavailableDataDirs.first(where: { $0.spec.path == plain }) {
            throw EngineError.dataDirUnusable(plain, reason: away.reason)
        }
        throw MigrationError.unknownDir(tablet.id, dir: path, own: engine.dataDirs.map(\.path))
    }

    private func target(on medium: StorageMedium, of tablet: Tablet, _ bytes: Int64) throws -> DataDir {
        let media = Set(engine.dataDirs.map(\.medium))
        guard media.count > 1 else { throw MigrationError.oneMedium(tablet.id, tablet.dataDir.medium) }
        guard medium != tablet.dataDir.medium else { throw MigrationError.sameMedium(tablet.id, medium) }
        guard media.contains(medium) else { throw MigrationError.noSuchMedium(tablet.id, medium) }
        var reasons: [String] = []
        let fitting = engine.dataDirs.filter { dir in
            guard dir.medium == medium else { return false }
            if let reason = dir.failure.map({ "\(dir.path): \($0)" }) ?? dir.refusal(of: bytes) {
                reasons.append(reason)
                return false
            }
            return dir.isChangeable
        }
        guard let least = fitting.min(by: { $0.load < $1.load }) else {
            throw EngineError.noDataDirWithSpace(medium: medium, reasons: reasons)
        }
        return least
    }
}

extension DataDir {
    /// Why the dir does not take so many more bytes: it takes none, or would be in its flood stage with them. As of the last
    /// probe.
    func refusal(of bytes: Int64) -> String? {
        if let reason = refusalOfData() { return reason }
        var after = capacity
        after.availableBytes -= min(bytes, after.availableBytes)
        return flood(after).map { "\($0) once it took \(bytes) bytes more" }
    }
}

extension Tablet {
    /// What a copy of it takes on a disk.
    func localBytes(pending: [PendingTable.Entry]) -> Int64 {
        localRowsets.reduce(0) { $0 + $1.meta.sizeBytes } + pending.reduce(0) { $0 + $1.pending.rowset.sizeBytes }
    }
}
