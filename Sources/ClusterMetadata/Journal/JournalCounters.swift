internal import Synchronization

/// What was written to the edit log and read from it, and what became of images, since this process opened the metadata.
public final class JournalCounters: Sendable {
    // Read by metrics only; publishes no other memory, hence relaxed everywhere.
    private let entries = Atomic<Int64>(0)
    private let bytes = Atomic<Int64>(0)
    private let read = Atomic<Int64>(0)
    private let images = Atomic<Int64>(0)
    private let failedImages = Atomic<Int64>(0)
    private let truncations = Atomic<Int64>(0)
    private let failedTruncations = Atomic<Int64>(0)

    init() {}

    public var writtenEntries: Int64 { entries.load(ordering: .relaxed) }
    public var writtenBytes: Int64 { bytes.load(ordering: .relaxed) }
    public var readEntries: Int64 { read.load(ordering: .relaxed) }
    public var writtenImages: Int64 { images.load(ordering: .relaxed) }
    public var imageFailures: Int64 { failedImages.load(ordering: .relaxed) }
    public var cleanedLogs: Int64 { truncations.load(ordering: .relaxed) }
    public var cleaningFailures: Int64 { failedTruncations.load(ordering: .relaxed) }

    func wrote(_ count: Int, bytes size: Int) {
        entries.add(Int64(count), ordering: .relaxed)
        bytes.add(Int64(size), ordering: .relaxed)
    }
    func read(_ count: Int64) { read.add(count, ordering: .relaxed) }
    func wroteImage(_ isDone: Bool) {
        if isDone { images.add(1, ordering: .relaxed) } else { failedImages.add(1, ordering: .relaxed) }
    }
    func truncated(_ isDone: Bool) {
        if isDone { truncations.add(1, ordering: .relaxed) } else { failedTruncations.add(1, ordering: .relaxed) }
    }
}

/// One append that became durable.
public struct JournalAppend: Sendable {
    public var entries: [JournalEntry]
    public var bytes: Int
    public var took: Duration
}
