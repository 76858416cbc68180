internal import Synchronization

/// Counts observations in fixed buckets. Observing is a search over a few bounds and three relaxed atomic operations: no
/// lock, no allocation, any thread.
///
/// `@unchecked Sendable`: the memory behind `buckets` is allocated once, holds only atomics, and is freed by `deinit`,
/// which no other thread can race with.
public final class Histogram: @unchecked Sendable {
    /// Inclusive upper bounds, ascending; the last bucket (+Inf) is one beyond them.
    public let bounds: [Double]
    private let buckets: UnsafeMutablePointer<Atomic<Int64>>
    private let sum = Atomic<UInt64>(0)

    /// - Precondition: `bounds` ascend.
    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "histogram bounds must ascend")
        self.bounds = bounds
        buckets = .allocate(capacity: bounds.count + 1)
        for bucket in 0...bounds.count { (buckets + bucket).initialize(to: Atomic(0)) }
    }

    deinit {
        buckets.deinitialize(count: bounds.count + 1)
        buckets.deallocate()
    }

    public func observe(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count && value > bounds[bucket] { bucket += 1 }
        buckets[bucket].wrappingAdd(1, ordering: .relaxed)
        var seen = sum.load(ordering: .relaxed)
        while true {
            let total = (Double(bitPattern: seen) + value).bitPattern
            let (exchanged, original) = sum.weakCompareExchange(expected: seen, desired: total, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    /// Counts a bucket (not cumulative), and the sum. Taken while others observe, the parts may differ by what was
    /// observed meanwhile.
    public var snapshot: (counts: [Int64], sum: Double) {
        (
            (0...bounds.count).map { buckets[$0].load(ordering: .relaxed) },
            Double(bitPattern: sum.load(ordering: .relaxed))
        )
    }

    /// Which value so large a part of the observations did not exceed, as far as the buckets tell: evenly spread within one.
    /// 0 without observations.
    func quantile(_ part: Double, of counts: [Int64]) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0, let highest = bounds.last else { return 0 }
        let rank = part * Double(total)
        var before: Int64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            if Double(before + count) >= rank {
                guard bucket < bounds.count else { return highest }
                let lower = bucket == 0 ? 0 : bounds[bucket - 1]
                return lower + (bounds[bucket] - lower) * (rank - Double(before)) / Double(count)
            }
            before += count
        }
        return highest
    }

    /// Milliseconds from 50 µs to 100 s.
    public static let latencyMilliseconds: [Double] = [
        0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750,
        1000,
        2000, 5000, 10_000, 30_000, 100_000,
    ]

    /// Seconds from 100 µs to 100 s, three a decade.
    public static let latencySeconds: [Double] = [
        0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
    ]
}
