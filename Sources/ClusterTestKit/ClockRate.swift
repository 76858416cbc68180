internal import Platform
public import TabletModel

/// A monotonic clock that is somewhat too fast or too slow, beside the true time.
public struct ClockRate: Hashable, Sendable {
    /// By how many thousandths it is too fast; less than zero: too slow.
    public let driftPermille: Int64

    public init(driftPermille: Int64 = 0) { self.driftPermille = driftPermille }

    /// What the clock shows at a true time.
    public func shown(at time: MonotonicTime) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + time.nanoseconds / 1000 * driftPermille)
    }

    /// What is longer never comes.
    private static let longest = Duration.seconds(1_000_000_000)

    /// How much true time must pass until the clock has gone on by so much, at least.
    func trueTime(of shown: Duration) -> Duration {
        guard driftPermille != 0, shown < Self.longest else { return shown }
        // `shown(at:)` goes in steps of a microsecond.
        return .nanoseconds(shown.wholeNanoseconds / (1000 + driftPermille) * 1000 + 3000)
    }
}
