/// What a BE's tablets that cool wait for (`/api/cooldown`).
public struct BackendCooldownView: Codable, Sendable {
    /// Tablets by reason, as of the last round of the cooldown.
    public var counts: [String: Int64]
    /// Since when a tablet whose rows are due has waited longest; nil when none does.
    public var oldestDueMs: Int64?
    /// Those that wait longest.
    public var waits: [CooldownWaitView]

    public init(counts: [String: Int64], oldestDueMs: Int64?, waits: [CooldownWaitView]) {
        self.counts = counts
        self.oldestDueMs = oldestDueMs
        self.waits = waits
    }
}

/// Why a tablet that cools still has rows on its backend's disk.
public struct CooldownWaitView: Codable, Sendable {
    public var tabletID: Int64
    /// One word.
    public var reason: String
    public var message: String
    /// Since when it has waited for this.
    public var sinceMs: Int64
    /// When its rows are due; only while they are not.
    public var dueAtMs: Int64?
    /// Runs in a row that ended so.
    public var runs: Int64

    public init(tabletID: Int64, reason: String, message: String, sinceMs: Int64, dueAtMs: Int64?, runs: Int64) {
        self.tabletID = tabletID
        self.reason = reason
        self.message = message
        self.sinceMs = sinceMs
        self.dueAtMs = dueAtMs
        self.runs = runs
    }
}
