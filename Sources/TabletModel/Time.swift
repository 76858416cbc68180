/// A point of wall-clock time, in milliseconds since 1970. For what people and the FE see; never for measuring intervals.
public struct UnixTime: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    @inlinable public init(seconds: Int64) { self.milliseconds = seconds * 1000 }
    /// Whole seconds, rounded down: what Doris stores in write timestamps.
    @inlinable public var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000 }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    /// Saturates, like `MonotonicTime`'s.
    @inlinable public static func + (left: Self, right: Duration) -> Self {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.wholeMilliseconds)
        return UnixTime(milliseconds: overflow ? (right < .zero ? .min : .max) : sum)
    }
    public var description: String { String(milliseconds) }

    /// Some 285,000 years both ways: a time in what comes from outside that is beyond is refused there, so that no arithmetic
    /// on times overflows.
    public static let plausible = UnixTime(milliseconds: -(1 << 53))...UnixTime(milliseconds: 1 << 53)
}

/// A point of monotonic time, in nanoseconds since an arbitrary start: for timeouts, leases and ages.
public struct MonotonicTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
    /// Saturates: a timeout that a peer or a person named may be longer than the clock goes.
    @inlinable public static func + (left: Self, right: Duration) -> Self {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.wholeNanoseconds)
        return MonotonicTime(nanoseconds: overflow ? (right < .zero ? .min : .max) : sum)
    }
    @inlinable public static func - (left: Self, right: Self) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? (left < right ? .min : .max) : difference)
    }
    public var description: String { String(nanoseconds) }
}

extension Duration {
    /// Rounded towards zero; saturates instead of trapping.
    @inlinable public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    @inlinable public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
