internal import TabletModel

/// When a new image is due: pure.
public struct CheckpointTrigger: Sendable {
    /// `edit_log_roll_num`: so many entries since the last image make it due at once.
    public let rollEntries: Int64
    /// With at least one new entry, after so long.
    public let interval: Duration
    /// So many bytes of journal since the last image make it due at once: a restart replays them.
    public let rollBytes: Int64
    private(set) var isRunning = false
    private(set) var imageLogID: Int64 = 0
    /// `Journal.volumeBytes` of what the newest image covers.
    private var imageVolume: Int64 = 0
    private var lastTry: MonotonicTime?

    public init(rollEntries: Int64 = 50_000, interval: Duration = .seconds(60), rollBytes: Int64 = 128 << 20) {
        self.rollEntries = rollEntries
        self.interval = interval
        self.rollBytes = rollBytes
    }

    /// An image was found at the start.
    mutating func found(image logID: Int64) { imageLogID = logID }

    /// - Parameter volume: `Journal.volumeBytes`.
    mutating func isDue(lastLogID: Int64, volume: Int64, now: MonotonicTime) -> Bool {
        guard !isRunning, lastLogID > imageLogID else { return false }
        let isLarge = lastLogID - imageLogID >= rollEntries || volume - imageVolume >= rollBytes
        guard let lastTry else {
            // The first interval begins with the first question.
            self.lastTry = now
            return isLarge
        }
        let isDue = isLarge || now - lastTry >= interval
        if isDue { self.lastTry = now }
        return isDue
    }

    /// False when one is being written.
    mutating func begin() -> Bool {
        if isRunning { return false }
        isRunning = true
        return true
    }

    /// - Parameters:
    ///   - logID: what the new image covers; nil: there is none.
    ///   - volume: `Journal.volumeBytes` when it was begun.
    mutating func end(image logID: Int64?, volume: Int64) {
        isRunning = false
        guard let logID, logID >= imageLogID else { return }
        (imageLogID, imageVolume) = (logID, max(imageVolume, volume))
    }
}
