internal import Platform
internal import Synchronization
public import TabletModel

/// Which tablets are compacted now, and when that last went well or failed, as far back as there is room: since the start, of
/// the tablets compacted last.
public final class CompactionLog: Sendable {
    /// Of one tablet; nil: not since the start, or longer ago than is remembered.
    public struct Times: Hashable, Sendable {
        public var success: [CompactionKind: UnixTime] = [:]
        public var failure: [CompactionKind: UnixTime] = [:]

        var newest: UnixTime { [success, failure].compactMap { $0.values.max() }.max() ?? UnixTime(seconds: 0) }
    }

    /// One that runs.
    public struct Run: Hashable, Sendable {
        public var tabletID: TabletID
        public var kind: CompactionKind
        public var dataDir: String
    }

    private struct State {
        var running: [TabletID: Run] = [:]
        var times: [TabletID: Times] = [:]
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = 10_000) { self.limit = limit }

    public func times(of tablet: TabletID) -> Times { state.withLock { $0.times[tablet] ?? Times() } }

    /// In tablet order.
    public var running: [Run] { state.withLock { $0.running.values.sorted { $0.tabletID < $1.tabletID } } }

    public func run(of tablet: TabletID) -> Run? { state.withLock { $0.running[tablet] } }

    func began(_ run: Run) { state.withLock { $0.running[run.tabletID] = run } }

    /// - Parameter succeeded: nil: there was nothing to do, or the tablet changed meanwhile.
    func ended(_ tablet: TabletID, _ kind: CompactionKind, succeeded: Bool?, now: UnixTime) {
        state.withLock { state in
            state.running[tablet] = nil
            guard let succeeded else { return }
            if state.times[tablet] == nil, state.times.count >= limit,
                let oldest = state.times.min(by: { $0.value.newest < $1.value.newest })
            {
                state.times[oldest.key] = nil
            }
            if succeeded {
                state.times[tablet, default: Times()].success[kind] = now
            } else {
                state.times[tablet, default: Times()].failure[kind] = now
            }
        }
    }
}
