internal import Platform
internal import TabletModel

extension DataDirLayout {
    /// Files of clones that are not done.
    var clone: String { root + "/clone" }
}

/// Where the files of a clone gather: `{data dir}/clone/{tablet_id}/{schema_hash}/`.
///
/// A file that is being fetched is `….part`. Once its size and checksum were right and its bytes synced it becomes
/// `{source's rowset id}_{n}.{size}.{crc32c}`: so its name says that it was verified and against what, survives a restart,
/// and spares the next try the download when the source still offers that file. The clone links the files to their new
/// names in the tablet's folder, and the staging folder goes once the commit is durable.
struct CloneStaging {
    let folder: String
    let dataDir: DataDir
    private var fileSystem: any FileSystem { dataDir.environment.fileSystem }

    init(_ dataDir: DataDir, _ tablet: TabletID, _ schemaHash: SchemaHash) {
        self.dataDir = dataDir
        folder = "\(dataDir.layout.clone)/\(tablet)/\(schemaHash)"
    }

    static let partSuffix = ".part"

    /// The verified name of a segment of a source's rowset.
    static func name(_ rowset: RowsetMeta, _ index: Int) -> String {
        let segment = rowset.segments[index]
        let crc = String(segment.crc32c, radix: 16)
        let padded = String(repeating: "0", count: 8 - crc.count) + crc
        return "\(rowset.id)_\(index).\(segment.sizeBytes).\(padded)"
    }

    func path(_ rowset: RowsetMeta, _ index: Int) -> String { folder + "/" + Self.name(rowset, index) }

    /// The size in a verified name; nil when the name is none.
    private static func bytes(inName name: String) -> Int64? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 ? Int64(parts[1]) : nil
    }

    /// Makes the folder, durably, and removes what was not verified, or is not as long as it was then.
    /// - Returns: names of verified files.
    func open() throws -> Set<String> {
        if try !fileSystem.exists(folder) {
            try fileSystem.createDirectory(folder)
            for path in [parentDirectory(of: folder), dataDir.layout.clone, dataDir.layout.root] {
                try fileSystem.syncDirectory(path)
            }
        }
        var verified: Set<String> = []
        for name in try fileSystem.list(folder) {
            let path = folder + "/" + name
            if let bytes = Self.bytes(inName: name), try fileSystem.status(path)?.sizeBytes == bytes {
                verified.insert(name)
            } else {
                try fileSystem.removeTree(path)
            }
        }
        return verified
    }

    /// The names of verified files survive a crash.
    func sync() throws { try fileSystem.syncDirectory(folder) }

    var exists: Bool { get throws { try fileSystem.exists(parentDirectory(of: folder)) } }

    /// Removes the tablet's staging with all that is in it.
    func remove() throws { try fileSystem.removeTree(parentDirectory(of: folder)) }
}
