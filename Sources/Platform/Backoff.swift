internal import TabletModel

/// How long to wait before the next try: exponential with full jitter, so that many clients do not retry in step.
public struct Backoff: Sendable {
    public let base: Duration
    public let limit: Duration

    public init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// A delay for the given retry (0 = first), uniform between zero and min(limit, base × 2^retry).
    public func delay(retry: Int, random: some RandomSource) -> Duration {
        let cap = ceiling(retry: retry)
        let nanoseconds = cap.wholeNanoseconds
        guard nanoseconds > 0 else { return .zero }
        return .nanoseconds(Int64(random.next(below: UInt64(nanoseconds) + 1)))
    }

    public func ceiling(retry: Int) -> Duration {
        let factor = Int64(1) << Int64(min(max(retry, 0), 30))
        let (product, overflow) = base.wholeNanoseconds.multipliedReportingOverflow(by: factor)
        return overflow ? limit : min(limit, .nanoseconds(product))
    }
}
