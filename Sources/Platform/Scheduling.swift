internal import ByteText
public import TabletModel

/// Time as the cores see it. Cores never ask the system.
public protocol TimeSource: Sendable {
    /// For timeouts and ages.
    var monotonicNow: MonotonicTime { get }
    /// For stored timestamps and cooldown due times.
    var wallNow: UnixTime { get }
}

/// A fixed number of named threads behind a queue with a limit. The cores' jobs never sleep: what must wait is
/// scheduled again through `Scheduler.schedule`.
public protocol WorkerPool: Sendable {
    var name: String { get }
    /// Queues the job; false when the queue is full or the pool is stopping, and the job was not taken.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool
    /// Jobs waiting, without those running.
    var queueDepth: Int { get }
}

/// Makes pools and timers: real threads in the daemons, one event queue in a simulation.
public protocol Scheduler: TimeSource {
    func makePool(name: String, threads: Int, queueLimit: Int) -> any WorkerPool
    /// Runs the job on the pool once `delay` has passed. A job that the full pool refuses is tried again shortly after.
    @discardableResult
    func schedule(after delay: Duration, on pool: any WorkerPool, _ job: @escaping @Sendable () -> Void)
        -> any ScheduledJob
}

/// A job that has not run yet.
public protocol ScheduledJob: Sendable {
    /// No effect once the job has started.
    func cancel()
}

/// Random bits; seeded in a simulation.
public protocol RandomSource: Sendable {
    func next() -> UInt64
}

extension RandomSource {
    /// Uniform in 0..<bound.
    public func next(below bound: UInt64) -> UInt64 {
        precondition(bound > 0)
        return next().multipliedFullWidth(by: bound).high
    }

    public func uniqueID() -> UniqueID {
        UniqueID(high: Int64(bitPattern: next()), low: Int64(bitPattern: next()))
    }

    /// Text form of a random UUID (version 4).
    public func uuidText() -> String {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return [
            Hexadecimal.text(high >> 32, digits: 8), Hexadecimal.text(high >> 16 & 0xFFFF, digits: 4),
            Hexadecimal.text(high & 0xFFFF, digits: 4), Hexadecimal.text(low >> 48, digits: 4),
            Hexadecimal.text(low & 0xFFFF_FFFF_FFFF, digits: 12),
        ].joined(separator: "-")
    }

    public func backendUUID() -> BackendUUID {
        guard let uuid = BackendUUID(text: uuidText()) else { preconditionFailure("uuidText() makes UUIDs") }
        return uuid
    }

    public func rowsetID() -> RowsetID { RowsetID(randomHigh: next(), middle: next(), low: next()) }
}

/// The operating system's generator.
public struct SystemRandomSource: RandomSource {
    public init() {}
    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
