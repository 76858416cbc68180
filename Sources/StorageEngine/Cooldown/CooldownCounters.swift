public import Synchronization

/// What the cooldown has done since the process started. Any thread; for metrics.
public final class CooldownCounters: Sendable {
    public let uploadedRowsets = Atomic<Int64>(0)
    public let uploadedObjects = Atomic<Int64>(0)
    public let uploadedBytes = Atomic<Int64>(0)
    public let writtenMetas = Atomic<Int64>(0)
    public let followedRowsets = Atomic<Int64>(0)
    public let verifiedObjects = Atomic<Int64>(0)
    /// Runs that a conf change ended.
    public let abortedRuns = Atomic<Int64>(0)
    public let failedRuns = Atomic<Int64>(0)
    public let deletedObjects = Atomic<Int64>(0)

    public init() {}

    /// One moment's values, each exact.
    public var values: Values {
        Values(
            uploadedRowsets: read(uploadedRowsets), uploadedObjects: read(uploadedObjects),
            uploadedBytes: read(uploadedBytes), writtenMetas: read(writtenMetas),
            followedRowsets: read(followedRowsets), verifiedObjects: read(verifiedObjects),
            abortedRuns: read(abortedRuns), failedRuns: read(failedRuns), deletedObjects: read(deletedObjects))
    }

    public struct Values: Hashable, Sendable {
        public var uploadedRowsets: Int64
        public var uploadedObjects: Int64
        public var uploadedBytes: Int64
        public var writtenMetas: Int64
        public var followedRowsets: Int64
        public var verifiedObjects: Int64
        public var abortedRuns: Int64
        public var failedRuns: Int64
        public var deletedObjects: Int64
    }

    private func read(_ counter: borrowing Atomic<Int64>) -> Int64 { counter.load(ordering: .relaxed) }

    func count(_ counter: borrowing Atomic<Int64>, _ amount: Int64 = 1) {
        counter.wrappingAdd(amount, ordering: .relaxed)
    }
}
