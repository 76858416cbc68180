internal import Platform
internal import Synchronization
internal import TabletModel

/// Local segment files that nobody names or reads any more, waiting to be removed. Filled by the last holder of a
/// rowset, on any thread and without I/O; drained by commits and by the sweep. What a crash leaves in it is found again
/// at the next start, as files without meta.
final class GarbageQueue: Sendable {
    struct Entry: Sendable {
        var folder: String
        var rowset: RowsetID
        var segmentCount: Int
    }

    private struct State {
        var entries: [Entry] = []
        /// Retired rowsets whose files are still there: somebody reads them, or their removal is due.
        var retired: Set<RowsetID> = []
    }

    private let layout: DataDirLayout
    private let state = Mutex(State())

    init(layout: DataDirLayout) { self.layout = layout }

    /// The rowset was retired, and may still be read.
    func announce(_ id: RowsetID) { state.withLock { _ = $0.retired.insert(id) } }

    /// Nobody reads the rowset: its files can go.
    func add(_ meta: RowsetMeta, shard: Int32) {
        let folder = layout.segmentFolder(shard: shard, meta.tabletID, meta.schemaHash)
        let entry = Entry(folder: folder, rowset: meta.id, segmentCount: meta.segments.count)
        state.withLock { state in
            state.retired.insert(meta.id)
            state.entries.append(entry)
        }
    }

    /// Rowsets whose files can go.
    var count: Int { state.withLock { $0.entries.count } }

    func isRetired(_ id: RowsetID) -> Bool { state.withLock { $0.retired.contains(id) } }

    /// Removes the files. Entries whose removal fails are queued again; their errors are returned.
    func drain(_ fileSystem: any FileSystem) -> [any Error] {
        let taken = state.withLock { state in
            let taken = state.entries
            state.entries = []
            return taken
        }
        var errors: [any Error] = []
        for entry in taken {
            do {
                try Self.remove(entry, fileSystem)
                state.withLock { _ = $0.retired.remove(entry.rowset) }
            } catch {
                errors.append(error)
                state.withLock { $0.entries.append(entry) }
            }
        }
        return errors
    }

    private static func remove(_ entry: Entry, _ fileSystem: any FileSystem) throws {
        for index in 0..<entry.segmentCount {
            do {
                try fileSystem.remove(entry.folder + "/" + DataDirLayout.segmentName(entry.rowset, index))
            } catch let error as FileSystemError where error.code == .notFound {
                continue  // Gone with its tablet, or by an earlier try.
            }
        }
    }
}
