/// What changed since the last check of the data dirs.
public struct DataDirCheck: Hashable, Sendable {
    /// Dirs that can be used for less than before: full, read-only, failed.
    public var wentBad: [String] = []
    /// Dirs that can be used for more than before.
    public var recovered: [String] = []
    /// The fullest usable dir, 0...1; nil when none is usable.
    public var highestUsage: Double?
    /// A replica turned out unreadable, or can be read again.
    public var replicasChanged = false

    public init() {}

    /// What is reported of tablets or dirs is not what it was.
    public var isChange: Bool { !wentBad.isEmpty || !recovered.isEmpty || replicasChanged }
}
