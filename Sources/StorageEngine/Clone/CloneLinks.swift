internal import Logging
internal import Platform
internal import TabletModel

/// Puts fetched segments into the tablet's folder under new rowset ids, as hard links, so that a crash before the commit
/// leaves the staging folder whole and links that the next start removes.
///
/// From `init` to `end` the new rowsets count as being written: nobody takes their files for orphans.
final class CloneLinks {
    /// As they join the tablet: local ones under new ids, remote ones as they are.
    private(set) var rowsets: [RowsetMeta] = []
    private let dir: DataDir
    private let folder: String
    private var linked: [String] = []

    /// - Parameters:
    ///   - header: of the tablet here: the rowsets may come from another one.
    ///   - source: where a segment's file is now.
    init(
        _ taken: [RowsetMeta], of header: TabletHeader, folder: String, in dir: DataDir,
        source: (RowsetMeta, Int) -> String
    ) throws {
        self.dir = dir
        self.folder = folder
        for rowset in taken {
            var meta = rowset
            meta.tabletID = header.tabletID
            meta.schemaHash = header.schemaHash
            meta.partitionID = header.partitionID
            if !rowset.isRemote {
                meta.id = dir.environment.random.rowsetID()
                dir.beginWriting(meta.id)
            }
            rowsets.append(meta)
        }
        do {
            for (from, to) in zip(taken, rowsets) where !to.isRemote {
                for index in to.segments.indices {
                    let path = folder + "/" + DataDirLayout.segmentName(to.id, index)
                    try dir.fileSystem.hardLink(source(from, index), to: path)
                    linked.append(path)
                }
            }
            if !linked.isEmpty { try dir.fileSystem.syncDirectory(folder) }
        } catch {
            undo()
            end()
            throw error
        }
    }

    /// The rowsets will not be. Links that can't be removed are orphans for the next start.
    func undo() {
        for path in linked {
            do {
                try dir.fileSystem.remove(path)
            } catch {
                dir.logger.warning(
                    "link of a clone not removed, the next start does it",
                    metadata: ["file": "\(path)", "error": "\(error)"])
            }
        }
        linked = []
    }

    /// The rowsets are recorded, or undone.
    func end() {
        for rowset in rowsets where !rowset.isRemote { dir.endWriting(rowset.id) }
    }

    /// Runs the commit of the rowsets. After a failed sync of the meta store the records may be there, so the links must be.
    func commit<Value>(_ body: ([RowsetMeta]) throws -> Value) throws -> Value {
        defer { end() }
        do {
            return try body(rowsets)
        } catch EngineError.metaUnavailable(let dir, let reason) {
            throw EngineError.metaUnavailable(dataDir: dir, reason: reason)
        } catch {
            undo()
            throw error
        }
    }
}
