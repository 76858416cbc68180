internal import Logging
public import Platform
internal import Synchronization
public import TabletModel

/// What a search found: keys that nothing of this tablet names, as of a conf and a meta id.
struct UnusedRemoteFile: Hashable {
    var resource: String
    var key: String
}

/// Found and not yet confirmed, by tablet. Thread-safe.
final class UnusedRemoteFileList: Sendable {
    struct Entry: Sendable {
        var conf: CooldownConf
        var metaID: UniqueID
        var files: [UnusedRemoteFile]
    }

    private let entries = Mutex<[TabletID: Entry]>([:])

    func replace(_ found: [TabletID: Entry]) { entries.withLock { $0 = found } }
    subscript(tablet: TabletID) -> Entry? { entries.withLock { $0[tablet] } }
    func remove(_ tablet: TabletID) { entries.withLock { $0[tablet] = nil } }
}

extension CooldownService {
    /// Names buffered at once; the rest is found by a later search.
    private static let maxBufferedFiles = 1_000_000

    /// Looks, as uploader, for remote objects that nothing of the tablet names: superseded metas, rowsets that a new
    /// uploader or a compaction replaced (`contract/behaviour.md` §6, "Unused files"). Lists every cold tablet's folder.
    ///
    /// - Returns: the tablets to ask the master about, in id order. A folder that can't be listed is logged and left out.
    public func findUnusedRemoteFiles() -> [TabletCooldownState] {
        var found: [TabletID: UnusedRemoteFileList.Entry] = [:]
        var states: [TabletCooldownState] = []
        var buffered = 0
        for served in engine.tablets.sorted where buffered < Self.maxBufferedFiles {
            guard served.header.isUploader, served.header.cooldownMetaID != nil else { continue }
            do {
                guard let tablet = try engine.tablets[served.id], let entry = try unusedFiles(of: tablet),
                    !entry.files.isEmpty
                else { continue }
                buffered += entry.files.count
                found[served.id] = entry
                states.append(
                    TabletCooldownState(
                        tabletID: served.id, cooldownReplicaID: entry.conf.cooldownReplicaID,
                        cooldownMetaID: entry.metaID))
            } catch {
                logger.warning(
                    "unused remote files not listed", metadata: ["tablet": "\(served.id)", "error": "\(error)"])
            }
        }
        unused.replace(found)
        return states
    }

    private func unusedFiles(of tablet: Tablet) throws -> UnusedRemoteFileList.Entry? {
        let header = tablet.header
        guard header.state == .running, header.isUploader, let metaID = header.cooldownMetaID else { return nil }
        // While nobody knows what became of a change, what the tablet names in its meta store is not known either.
        guard tablet.dataDir.isChangeable else { return nil }
        var listed: [UnusedRemoteFile] = []
        for resource in resources(of: tablet.snapshot) {
            let store = try policies.store(resource: resource, for: tablet.id)
            listed += try store.listAll(prefix: RemoteKeys.folder(tablet.id))
                .map { UnusedRemoteFile(resource: resource, key: $0.key) }
        }
        // In this order: an object that was listed and is being used is in one of the two, since an upload leaves the
        // first only after it has entered the second.
        let named = namedObjects(uploading: memory.uploading, tablet.snapshot)
        let unused = listed.filter { !named.contains($0.key) }
        return UnusedRemoteFileList.Entry(conf: header.cooldownConf, metaID: metaID, files: unused)
    }

    /// Deletes what was found for these tablets, which the master confirmed: no replica's meta id can still name it. A
    /// tablet that has changed since is left for the next search.
    /// - Throws: the first failure, after all tablets were tried.
    public func removeUnusedRemoteFiles(_ confirmed: [TabletID]) throws {
        var failure: (any Error)?
        for id in confirmed {
            guard let entry = unused[id] else { continue }
            do {
                let tablet = try engine.tablet(id)
                guard let run = gate.beginRun(tablet) else { continue }
                defer { gate.end(id) }
                try remove(entry, of: tablet, run)
                unused.remove(id)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func remove(_ entry: UnusedRemoteFileList.Entry, of tablet: Tablet, _ run: CooldownRun) throws {
        try tablet.dataDir.checkChangeable()
        let snapshot = tablet.snapshot
        guard snapshot.header.state == .running, snapshot.header.isUploader,
            snapshot.header.cooldownConf == entry.conf, snapshot.header.cooldownMetaID == entry.metaID
        else { return }
        let named = namedObjects(uploading: memory.uploading, snapshot)
        var keys: [String: [String]] = [:]
        for file in entry.files where !named.contains(file.key) {
            keys[file.resource, default: []].append(file.key)
        }
        for (resource, keys) in keys.sorted(by: { $0.key < $1.key }) {
            try delete(keys, in: try policies.store(resource: resource, for: tablet.id)) { try run.check() }
        }
        logger.info(
            "unused remote files deleted",
            metadata: ["tablet": "\(tablet.id)", "objects": "\(entry.files.count)", "meta_id": "\(entry.metaID)"])
    }

    /// What the tablet's objects are named by: rowset ids (visible and being uploaded) and its current meta.
    private func namedObjects(uploading: Set<RowsetID>, _ snapshot: TabletSnapshot) -> NamedObjects {
        let visible = snapshot.rowsets.lazy.filter(\.meta.isRemote).map(\.meta.id)
        return NamedObjects(rowsets: uploading.union(visible), meta: RemoteKeys.meta(snapshot.header.cooldownConf))
    }

    private func resources(of snapshot: TabletSnapshot) -> [String] {
        var names: Set<String> = []
        if let policy = policies.resourceKey(ofPolicy: snapshot.header.storagePolicy) { names.insert(policy) }
        for rowset in snapshot.rowsets {
            guard case .remote(let resource) = rowset.meta.location else { continue }
            // Two names of one resource would list its folder twice.
            names.insert(policies.resourceKey(for: resource) ?? resource)
        }
        return names.sorted()
    }

    /// In calls of at most `deleteBatch` keys.
    func delete(_ keys: [String], in store: any ObjectStore, check: () throws -> Void = {}) throws {
        for start in stride(from: 0, to: keys.count, by: settings.deleteBatch) {
            try check()
            let batch = Array(keys[start..<min(start + settings.deleteBatch, keys.count)])
            try store.delete(batch)
            counters.count(counters.deletedObjects, Int64(batch.count))
        }
    }
}

/// Objects in a tablet's folder that something names.
private struct NamedObjects {
    var rowsets: Set<RowsetID>
    var meta: String

    func contains(_ key: String) -> Bool {
        if key == meta { return true }
        guard let slash = key.lastIndex(of: "/"),
            let (rowset, _) = DataDirLayout.rowset(ofSegmentName: key[key.index(after: slash)...])
        else { return false }
        return rowsets.contains(rowset)
    }
}
