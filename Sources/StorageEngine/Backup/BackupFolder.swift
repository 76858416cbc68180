internal import Platform
internal import StoredFormats
internal import TabletModel

/// A tablet's folder in a snapshot of this backend, `{snapshot}/{tablet_id}/{schema_hash}`: what an upload reads, a download
/// fills and a move takes.
struct BackupFolder {
    let path: String
    let dataDir: DataDir
    let tabletID: TabletID
    let schemaHash: SchemaHash

    /// Far more than any tablet has: what is more is no tablet's folder.
    static let maxFiles = 200_000
    static let maxHeaderBytes = 64 << 20
    static let partSuffix = ".part"

    /// - Throws: `BackupError.invalid` for any path that is not exactly one of a snapshot's tablet folder, `.badFolder` when it
    ///   is not there (any more); `EngineError.dataDirUnusable`.
    init(_ path: String, in engine: StorageEngine) throws {
        guard let place = SnapshotPath(path, in: engine.dataDirs), place.rest.count == 2,
            let tablet = TabletID(text: place.rest[0]), let hash = Int32(place.rest[1])
        else {
            throw BackupError.invalid(
                "\"\(path.prefix(300))\" is not the tablet's folder of a snapshot of this backend: "
                    + "{data dir}/snapshot/{name}/{tablet}/{schema hash}")
        }
        try place.dataDir.checkUsable()
        dataDir = place.dataDir
        tabletID = tablet
        schemaHash = SchemaHash(hash)
        self.path = place.steps[2]
        for step in place.steps where try fileSystem.isSymbolicLink(step) {
            throw BackupError.invalid("\(step) is a symbolic link, and a snapshot has none")
        }
        guard try fileSystem.status(self.path)?.isDirectory == true else {
            throw BackupError.badFolder(self.path, reason: "it is not there: the snapshot was released, or has expired")
        }
    }

    var fileSystem: any FileSystem { dataDir.environment.fileSystem }
    var headerName: String { "\(tabletID)\(BackupFileName.headerSuffix)" }
    func path(_ name: String) -> String { path + "/" + name }

    /// Names of the snapshot's files, sorted, without what a download left half done.
    func files() throws -> [String] {
        let names = try fileSystem.list(path)
        guard names.count <= Self.maxFiles else {
            throw BackupError.badFolder(path, reason: "\(names.count) files are more than \(Self.maxFiles)")
        }
        return names.filter { BackupFileName.isSnapshotFile($0) }
    }

    /// The header, whichever tablet's it is.
    func header() throws -> SnapshotHeader {
        let name = path(headerName)
        guard try fileSystem.exists(name) else {
            throw BackupError.badFolder(path, reason: "it has no header \(headerName)")
        }
        return try fileSystem.readAll(name, limit: Self.maxHeaderBytes).withUnsafeBytes {
            try SnapshotHeader(decoding: $0, name: name)
        }
    }

    /// - Throws: `EngineError.noDataDirWithSpace`.
    func checkSpace(for bytes: Int64, _ engine: StorageEngine) throws {
        let capacity = dataDir.capacity
        let kept = min(engine.options.floodStageLeftBytes, capacity.totalBytes / 10)
        let isTooSmall = capacity.totalBytes > 0 && bytes > capacity.availableBytes - kept
        guard
            let reason = dataDir.refusalOfData() ?? (isTooSmall ? "\(dataDir.path): \(bytes) bytes do not fit" : nil)
        else { return }
        throw EngineError.noDataDirWithSpace(medium: dataDir.medium, reasons: [reason])
    }
}

extension SnapshotHeader {
    /// Every segment by its file's name.
    var segments: [String: SegmentMeta] {
        var found: [String: SegmentMeta] = [:]
        for rowset in rowsets {
            for index in rowset.segments.indices {
                found[DataDirLayout.segmentName(rowset.id, index)] = rowset.segments[index]
            }
        }
        return found
    }
}
