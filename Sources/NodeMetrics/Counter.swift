internal import Synchronization

/// A count that only grows. Bumping is one relaxed atomic add: no lock, no allocation, any thread.
public final class Counter: Sendable {
    // Read by `MetricsRegistry.render` only; publishes no other memory, hence relaxed everywhere.
    private let count = Atomic<Int64>(0)

    init() {}

    public func increment(by amount: Int64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    public var value: Int64 { count.load(ordering: .relaxed) }
}

/// A value that is set and goes up and down. Any thread.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// For what is entered and left: connections, running jobs.
    public func add(_ amount: Double) {
        var seen = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: seen, desired: sum, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}
