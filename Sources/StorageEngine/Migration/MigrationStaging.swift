internal import Logging
internal import Platform
internal import TabletModel

extension DataDirLayout {
    /// Files of tablets that are on their way into this dir.
    var migration: String { root + "/migration" }
}

/// Where the files of a tablet that moves into a data dir gather: `{data dir}/migration/{tablet_id}/{schema_hash}/`, under the
/// names that they have in a tablet's folder, which the whole folder becomes with one rename. What a crash leaves of it the
/// next start removes.
struct MigrationStaging {
    private let dataDir: DataDir
    /// `migration/{tablet_id}`
    private let root: String
    /// With the schema hash: the segments.
    let folder: String
    private let tabletFolder: String
    private var fileSystem: any FileSystem { dataDir.environment.fileSystem }

    init(_ tablet: Tablet, in dir: DataDir) {
        dataDir = dir
        root = "\(dir.layout.migration)/\(tablet.id)"
        folder = "\(root)/\(tablet.schemaHash)"
        tabletFolder = dir.layout.tabletFolder(shard: tablet.header.shardID, tablet.id)
    }

    /// Makes the folder, empty, and the one that it will move into. The names of both survive a crash.
    func open() throws {
        try discard()
        try fileSystem.createDirectory(folder)
        for path in [root, dataDir.layout.migration, dataDir.layout.root] { try fileSystem.syncDirectory(path) }
        let shard = parentDirectory(of: tabletFolder)
        if try !fileSystem.exists(shard) {
            try fileSystem.createDirectory(shard)
            try fileSystem.syncDirectory(dataDir.layout.data)
        }
    }

    func path(_ rowset: RowsetMeta, _ index: Int) -> String {
        folder + "/" + DataDirLayout.segmentName(rowset.id, index)
    }

    /// The names of the files survive a crash.
    func sync() throws { try fileSystem.syncDirectory(folder) }

    /// The rowset left the tablet while it was copied, or could not be copied whole.
    func remove(_ id: RowsetID) throws {
        for name in try fileSystem.list(folder) where DataDirLayout.rowset(ofSegmentName: name)?.id == id {
            try fileSystem.remove(folder + "/" + name)
        }
    }

    /// The files are those of the tablet's folder on return, durably.
    func publish() throws {
        try fileSystem.rename(root, to: tabletFolder)
        try fileSystem.syncDirectory(parentDirectory(of: tabletFolder))
        try fileSystem.syncDirectory(dataDir.layout.migration)
    }

    /// The tablet does not come.
    func discard() throws { try fileSystem.removeTree(root) }

    /// As `discard`, after `publish`.
    func discardPublished() throws { try fileSystem.removeTree(tabletFolder) }
}

extension StorageEngine {
    /// Removes what moves that a crash cut short left in the dir's staging folder. Those under way stay.
    func removeStagedMigrations(in dir: DataDir) throws {
        guard try fileSystem.exists(dir.layout.migration) else { return }
        for name in try fileSystem.list(dir.layout.migration) {
            if let id = TabletID(text: name) {
                guard tablets.reserve(id) else { continue }
                defer { tablets.release(id) }
                try fileSystem.removeTree(dir.layout.migration + "/" + name)
            } else {
                try fileSystem.removeTree(dir.layout.migration + "/" + name)
            }
        }
    }
}
