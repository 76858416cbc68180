public import ClusterTestKit
internal import Platform
internal import StorageEngine
public import TabletModel

/// What happens to machines behind the daemons' backs. Each takes the machine down; somebody starts it again.
extension SimulatedCluster {
    /// A rowset that was lost.
    public struct LostRowset: Hashable, Sendable {
        public var tablet: TabletID
        public var versions: VersionRange
        public var files: Int
        public var bytes: Int64
    }

    /// Deletes the files of the local rowset that holds the version.
    /// - Returns: nil when there is none, or when it has no rows and so no files: nothing was done then.
    public func deleteRowset(
        holding version: Version, of tablet: TabletID, on backend: SimulatedBackend
    ) throws -> LostRowset? {
        guard let held = backend.engine?.allTablets.first(where: { $0.id == tablet }),
            let rowset = held.rowsets.first(where: { $0.meta.versions.contains(VersionRange(version, version)) })?.meta,
            !rowset.isRemote, !rowset.segments.isEmpty
        else { return nil }
        let paths = rowset.segments.indices.map { held.segmentPath(rowset.id, $0) }
        takeDown(backend)
        for path in paths {
            try backend.machine.fileSystem.remove(path)
            try backend.machine.fileSystem.syncDirectory(parentDirectory(of: path))
        }
        watch.damaged(backend.heartbeatAddress.host)
        log.note("deleted rowset \(rowset.versions) of tablet \(tablet) on \(backend.name)")
        return LostRowset(
            tablet: tablet, versions: rowset.versions, files: paths.count,
            bytes: rowset.segments.reduce(0) { $0 + $1.sizeBytes })
    }

    /// The machine gets the disk that it had when the copy was made.
    public func restoreDisk(of backend: SimulatedBackend, _ copy: MemoryMachineCopy) {
        takeDown(backend)
        backend.machine.restore(copy)
        watch.damaged(backend.heartbeatAddress.host)
        log.note("restored an old disk of \(backend.name)")
    }

    /// The machine gets a new disk.
    public func emptyDisk(of backend: SimulatedBackend) {
        takeDown(backend)
        backend.machine.wipe()
        watch.damaged(backend.heartbeatAddress.host)
        log.note("emptied the disk of \(backend.name)")
    }

    func takeDown(_ backend: SimulatedBackend) {
        let restarts = restartsWithin
        restartsWithin = nil
        if backend.isRunning { crash(backend) }
        restartsWithin = restarts
    }
}
