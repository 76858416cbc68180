internal import Synchronization
public import TabletModel

/// What the FE said is visible of each partition. In memory: it says so again.
final class VisibleVersions: Sendable {
    private let versions = Mutex<[PartitionID: Version]>([:])

    var all: [PartitionID: Version] { versions.withLock { $0 } }

    /// A message may be overtaken by a later one: versions only rise.
    func raise(_ partition: PartitionID, to version: Version) {
        versions.withLock { $0[partition] = max($0[partition] ?? .none, version) }
    }

    func remove(where isGone: (PartitionID) -> Bool) {
        for partition in versions.withLock({ Array($0.keys) }) where isGone(partition) {
            versions.withLock { $0[partition] = nil }
        }
    }
}

extension StorageEngine {
    /// UPDATE_VISIBLE_VERSION. Partitions without a tablet here are not remembered, so there are never more than tablets.
    /// - Throws: `.loading`, `.invalidArgument` with nothing taken.
    public func updateVisibleVersions(_ versions: [PartitionID: Version]) throws {
        guard isLoaded else { throw EngineError.loading }
        for (partition, version) in versions {
            guard partition > 0, (0...Version.greatest).contains(version) else {
                throw EngineError.invalidArgument("version \(version) of partition \(partition) can't be visible")
            }
        }
        visibleVersions.remove { !tablets.hasTablets(of: $0) }
        for (partition, version) in versions where tablets.hasTablets(of: partition) {
            visibleVersions.raise(partition, to: version)
        }
    }
}

extension Tablet {
    /// Visible rowsets up to the version.
    func versionCount(upTo version: Version) -> Int64 {
        withState { state in
            var count = state.rowsets.count
            while count > 0, state.rowsets[count - 1].meta.versions.start > version { count -= 1 }
            return Int64(count)
        }
    }
}
