/// A tablet's version graph on one backend, as `/api/tablets/{id}/versions` answers it and `tabletctl tablet` draws it.
public struct VersionGraphView: Codable, Hashable, Sendable {
    public var tabletID: Int64
    /// The newest version that some visible rowset holds; -1: there is none.
    public var maxVersion: Int64
    /// Everything from 0 up to here can be read; -1: nothing can.
    public var maxContinuousVersion: Int64
    /// What the visible rowsets hold, as the longest ranges.
    public var held: [Range]
    /// What of 0...`maxVersion` no visible rowset holds.
    public var missing: [Range]
    /// Visible rowsets in version order.
    public var visible: [Edge]
    /// What compaction replaced and readers of older versions may still need.
    public var stalePaths: [Path]

    /// Versions from `start` to `end`, both included.
    public struct Range: Codable, Hashable, Sendable {
        public var start: Int64
        public var end: Int64

        public init(start: Int64, end: Int64) {
            self.start = start
            self.end = end
        }
    }

    /// A rowset: one step of a path.
    public struct Edge: Codable, Hashable, Sendable {
        public var rowsetID: String
        public var start: Int64
        public var end: Int64
        public var rows: Int64
        public var bytes: Int64
        /// Its segments are in the object store.
        public var isRemote: Bool

        public init(rowsetID: String, start: Int64, end: Int64, rows: Int64, bytes: Int64, isRemote: Bool) {
            self.rowsetID = rowsetID
            self.start = start
            self.end = end
            self.rows = rows
            self.bytes = bytes
            self.isRemote = isRemote
        }
    }

    public struct Path: Codable, Hashable, Sendable {
        public var id: Int64
        /// Milliseconds since 1970.
        public var staleAtMs: Int64
        public var edges: [Edge]

        public init(id: Int64, staleAtMs: Int64, edges: [Edge]) {
            self.id = id
            self.staleAtMs = staleAtMs
            self.edges = edges
        }
    }

    public init(
        tabletID: Int64, maxVersion: Int64, maxContinuousVersion: Int64, held: [Range], missing: [Range],
        visible: [Edge], stalePaths: [Path]
    ) {
        self.tabletID = tabletID
        self.maxVersion = maxVersion
        self.maxContinuousVersion = maxContinuousVersion
        self.held = held
        self.missing = missing
        self.visible = visible
        self.stalePaths = stalePaths
    }
}
