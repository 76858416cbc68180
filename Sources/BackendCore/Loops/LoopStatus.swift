public import TabletModel

/// What a loop did last, for the status page.
public struct LoopStatus: Hashable, Sendable {
    public var name: String
    /// nil before the first round.
    public var lastRoundAt: UnixTime?
    public var lastRoundMs: Int64
    /// nil when the last round did what it is for.
    public var lastFailure: String?
    public var rounds: Int64
    public var isRunning: Bool
}
