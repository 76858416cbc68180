internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

/// Snapshots of tablets, under `{data dir}/snapshot/{name}/{tablet_id}/{schema_hash}/`: hard links of segments, and a header
/// that names every rowset with its files' sizes and checksums. Peers download them; see `docs/formats.md`.
///
/// Blocking; any thread. A snapshot is made under a name of its own and renamed when it is whole and synced, so that whatever
/// has a snapshot's name is one.
public final class SnapshotService: Sendable {
    public let engine: StorageEngine
    /// `snapshot_expire_time_sec`: for requests that name no timeout.
    private let expiry: Duration
    private let counter = Atomic<Int64>(0)
    /// Names being made or removed by somebody now.
    private let busy = Mutex<Set<String>>([])
    static let unfinished = ".tmp"

    public init(engine: StorageEngine, expiry: Duration = .seconds(172_800)) {
        self.engine = engine
        self.expiry = expiry
    }

    var fileSystem: any FileSystem { engine.environment.fileSystem }
    private var logger: Logger { engine.environment.logger }

    // MARK: Making

    /// On return the snapshot is linked and survives a crash, until `release` or its timeout.
    ///
    /// Versions asked for as missing make it incremental when local rowsets (stale ones too) hold exactly these. Otherwise it
    /// holds the path to the version that was asked for, or all visible rowsets, whatever holes they leave.
    ///
    /// - Throws: `.unknownTablet`, `.schemaHashMismatch`, `.tabletNotRunning`, `.loading`, `.versionNotReadable`,
    ///   `.invalidArgument`, `.dataDirUnusable`, `.dataDirReadOnly`, `FileSystemError`. A segment that is not there costs its rowset
    ///   (`loseRowset`).
    public func make(_ request: SnapshotRequest) throws -> SnapshotOutcome {
        let tablet = try engine.tablet(request.tabletID, request.schemaHash)
        try tablet.dataDir.checkChangeable()
        if let timeout = request.timeoutSeconds, timeout < 0 {
            throw EngineError.invalidArgument("a snapshot of tablet \(tablet.id) can't have the timeout \(timeout)")
        }
        try tablet.checkRunning()
        let hold = try tablet.hold()
        defer { withExtendedLifetime(hold) {} }
        let content = try content(request, of: tablet)
        let timeout = request.timeoutSeconds ?? expiry.wholeMilliseconds / 1000
        let name = try takeName(in: tablet.dataDir, timeout)
        defer { busy.withLock { _ = $0.remove(name) } }
        let root = tablet.dataDir.layout.snapshot + "/" + name
        let files = try build(content, of: tablet, as: root)
        logger.info(
            "snapshot made",
            metadata: [
                "tablet": "\(tablet.id)", "path": "\(root)", "rowsets": "\(content.rowsets.count)",
                "incremental": "\(content.isIncremental)",
            ])
        return SnapshotOutcome(path: root, isIncremental: content.isIncremental, files: files)
    }

    private func content(_ request: SnapshotRequest, of tablet: Tablet) throws -> SnapshotContent {
        if let missing = request.missingVersions, !missing.isEmpty {
            let wanted = VersionSet(missing.map { VersionRange(single: $0) })
            if let content = SnapshotContent.incremental(tablet, missing: wanted) { return content }
        }
        return try SnapshotContent.full(tablet, upTo: request.version)
    }

    private func takeName(in dir: DataDir, _ timeout: Int64) throws -> String {
        while true {
            let sequence = counter.add(1, ordering: .relaxed).oldValue
            let name = SnapshotName(
                createdAt: engine.environment.time.wallNow, sequence: sequence, timeoutSeconds: timeout
            ).description
            // A run before this one may have made some in the same second.
            if try fileSystem.exists(dir.layout.snapshot + "/" + name) { continue }
            if busy.withLock({ $0.insert(name).inserted }) { return name }
        }
    }

    private func build(_ content: SnapshotContent, of tablet: Tablet, as root: String) throws -> [String] {
        let temporary = root + Self.unfinished
        do {
            let folder = "\(temporary)/\(tablet.id)/\(tablet.schemaHash)"
            try fileSystem.removeTree(temporary)
            try fileSystem.createDirectory(folder)
            var files = try link(content, of: tablet, into: folder)
            files.append("\(tablet.id).hdr")
            let header = SnapshotHeader(tablet: content.header, rowsets: content.rowsets.map(\.meta))
            try write(try header.encoded(), to: folder + "/\(tablet.id).hdr")
            for path in [folder, parentDirectory(of: folder), temporary] { try fileSystem.syncDirectory(path) }
            try fileSystem.rename(temporary, to: root)
            try fileSystem.syncDirectory(parentDirectory(of: root))
            return files.sorted()
        } catch {
            for path in [temporary, root] { discard(path) }
            throw error
        }
    }

    private func link(_ content: SnapshotContent, of tablet: Tablet, into folder: String) throws -> [String] {
        var names: [String] = []
        for rowset in content.rowsets where !rowset.meta.isRemote {
            for index in rowset.meta.segments.indices {
                let name = DataDirLayout.segmentName(rowset.meta.id, index)
                try engine.losing(rowset, of: tablet) {
                    try fileSystem.hardLink(tablet.segmentPath(rowset.meta.id, index), to: folder + "/" + name)
                }
                names.append(name)
            }
        }
        return names
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try fileSystem.create(path)
        try bytes.withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
    }

    // MARK: Releasing

    /// Removes a snapshot. One that is not there (any more) is fine.
    /// - Throws: `.invalidArgument` for any path that is not exactly one that `make` can have returned; `FileSystemError`.
    public func release(_ path: String) throws {
        guard let place = SnapshotPath(path, in: engine.dataDirs), place.rest.isEmpty else {
            throw EngineError.invalidArgument("'\(path)' is not the path of a snapshot of this backend")
        }
        try place.dataDir.checkThatFilesMayGo()
        try remove("\(place.name)", in: place.dataDir)
        logger.info("snapshot released", metadata: ["path": "\(path)"])
    }

    /// Removes snapshots that have expired, and what a crash left of unfinished ones. Goes through all usable dirs, then throws
    /// the first error, if any.
    public func sweep(now: UnixTime) throws {
        var failure: (any Error)?
        for dir in engine.dataDirs where dir.filesMayGo {
            do {
                try sweep(dir, now)
            } catch {
                logger.error("snapshots not swept", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// What a crash left of unfinished snapshots goes. For the start, once the dirs are loaded; what can't be removed is
    /// logged, and the next sweep tries again.
    public func removeUnfinished() {
        for dir in engine.dataDirs where dir.filesMayGo {
            do {
                try sweep(dir, nil)
            } catch {
                logger.error("snapshots not swept", metadata: ["data_dir": "\(dir.path)", "error": "\(error)"])
            }
        }
    }

    /// All of the dir's, whatever one of them does; then the first error is thrown.
    /// - Parameter now: nil leaves finished ones alone.
    private func sweep(_ dir: DataDir, _ now: UnixTime?) throws {
        var failure: (any Error)?
        for name in try fileSystem.list(dir.layout.snapshot) {
            do {
                try sweep(name, in: dir, now)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func sweep(_ name: String, in dir: DataDir, _ now: UnixTime?) throws {
        let isUnfinished = name.hasSuffix(Self.unfinished)
        guard let parsed = SnapshotName(text: isUnfinished ? name.dropLast(Self.unfinished.count) : name[...]) else {
            logger.warning("stray name is left", metadata: ["file": "\(dir.layout.snapshot)/\(name)"])
            return
        }
        if isUnfinished {
            // Being made now, or given up long ago.
            if !busy.withLock({ $0.contains(parsed.description) }) { try remove(name, in: dir) }
        } else if let now, parsed.hasExpired(at: now) {
            try remove(name, in: dir)
            logger.info("expired snapshot removed", metadata: ["path": "\(dir.layout.snapshot)/\(name)"])
        }
    }

    /// Whoever else is removing it now does the whole work.
    private func remove(_ name: String, in dir: DataDir) throws {
        guard busy.withLock({ $0.insert(name).inserted }) else { return }
        defer { busy.withLock { _ = $0.remove(name) } }
        try fileSystem.removeTree(dir.layout.snapshot + "/" + name)
    }

    private func discard(_ path: String) {
        do {
            try fileSystem.removeTree(path)
        } catch {
            logger.warning(
                "unfinished snapshot not removed, the next sweep does it",
                metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}
