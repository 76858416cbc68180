public import TabletModel
internal import VersionTracking

/// A tablet's versions at one moment, for people: the visible path, the stale ones, and what is missing.
public struct TabletVersionGraph: Sendable {
    /// One rowset as an edge from the version before its first to its last.
    public struct Edge: Hashable, Sendable {
        public var versions: VersionRange
        public var rowsetID: RowsetID
        public var rowCount: Int64
        public var sizeBytes: Int64
        public var isRemote: Bool
    }

    /// Rowsets that one compaction replaced, or that were rebuilt as one path at the start.
    public struct Path: Hashable, Sendable {
        /// From 1 upward; numbered anew at each start.
        public var id: Int64
        public var staleAt: UnixTime
        /// In version order. A stale rowset that was lost leaves its place empty.
        public var edges: [Edge]
    }

    public var tabletID: TabletID
    public var maxVersion: Version
    public var maxContinuousVersion: Version
    /// What the visible rowsets hold, as the longest ranges.
    public var held: [VersionRange]
    /// What they lack between 0 and `maxVersion`.
    public var missing: [VersionRange]
    /// In version order.
    public var visible: [Edge]
    /// By id.
    public var stalePaths: [Path]
}

extension Tablet {
    /// Cheap enough for a page; not for every tablet of a report.
    public var versionGraph: TabletVersionGraph {
        withState { state in
            TabletVersionGraph(
                tabletID: state.header.tabletID, maxVersion: state.tracker.maxVersion,
                maxContinuousVersion: state.tracker.maxContinuousVersion, held: state.tracker.heldVersions.ranges,
                missing: state.tracker.missedVersions(upTo: state.tracker.maxVersion),
                visible: state.rowsets.map { TabletVersionGraph.Edge($0.meta) },
                stalePaths: state.tracker.stalePaths.map { path in
                    let rowsets = state.stale.rowsets(ofPath: path.id)
                    return TabletVersionGraph.Path(
                        id: path.id, staleAt: path.staleAt, edges: rowsets.map { TabletVersionGraph.Edge($0.meta) })
                })
        }
    }
}

extension TabletVersionGraph.Edge {
    init(_ meta: RowsetMeta) {
        self.init(
            versions: meta.versions, rowsetID: meta.id, rowCount: meta.rowCount, sizeBytes: meta.sizeBytes,
            isRemote: meta.isRemote)
    }
}
