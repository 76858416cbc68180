/// How far the start has come: tablets are read dir by dir.
public struct StartupProgress: Hashable, Sendable {
    /// All dirs are read: tasks are taken.
    public var isLoaded: Bool
    public var loadedTablets: Int
    /// nil until every dir was counted.
    public var totalTablets: Int?

    public init(isLoaded: Bool, loadedTablets: Int, totalTablets: Int? = nil) {
        self.isLoaded = isLoaded
        self.loadedTablets = loadedTablets
        self.totalTablets = totalTablets
    }
}
