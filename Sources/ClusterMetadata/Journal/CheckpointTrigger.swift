internal import TabletModel

/// When a new image is due: pure.
public struct CheckpointTrigger: Sendable {
    /// `edit_log_roll_num`: so many entries since the last image make it due at once.
    public let rollEntries: Int64
    /// With at least one new entry, after so long.
    public let interval: Duration
    private(set) var isRunning = false
    private(set) var imageLogID: Int64 = 0
    private var lastTry: MonotonicTime?

    public init(rollEntries: Int64 = 50_000, interval: Duration = .seconds(60)) {
        self.rollEntries = rollEntries
        self.interval = interval
    }

    /// An image was found at the start.
    mutating func found(image logID: Int64) { imageLogID = logID }

    mutating func isDue(lastLogID: Int64, now: MonotonicTime) -> Bool {
        guard !isRunning, lastLogID > imageLogID else { return false }
        guard let lastTry else {
            // The first interval begins with the first question.
            self.lastTry = now
            return lastLogID - imageLogID >= rollEntries
        }
        let isDue = lastLogID - imageLogID >= rollEntries || now - lastTry >= interval
        if isDue { self.lastTry = now }
        return isDue
    }

    /// False when one is being written.
    mutating func begin() -> Bool {
        if isRunning { return false }
        isRunning = true
        return true
    }

    mutating func end(image logID: Int64?) {
        isRunning = false
        if let logID { imageLogID = max(imageLogID, logID) }
    }
}
