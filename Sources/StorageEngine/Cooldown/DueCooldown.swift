public import TabletModel

/// A tablet whose turn to cool has come.
public struct DueCooldown: Hashable, Sendable {
    public var tabletID: TabletID
    /// Path of its data dir: drivers limit runs a dir.
    public var dataDir: String

    public init(tabletID: TabletID, dataDir: String) {
        self.tabletID = tabletID
        self.dataDir = dataDir
    }
}
