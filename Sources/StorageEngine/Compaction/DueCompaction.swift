public import TabletModel

/// A tablet that should be compacted now.
public struct DueCompaction: Hashable, Sendable {
    public var tabletID: TabletID
    public var kind: CompactionKind
    /// Path of its data dir: drivers limit runs a dir.
    public var dataDir: String
    /// Rowsets that the run would merge.
    public var score: Int64

    public init(tabletID: TabletID, kind: CompactionKind, dataDir: String, score: Int64) {
        self.tabletID = tabletID
        self.kind = kind
        self.dataDir = dataDir
        self.score = score
    }
}
