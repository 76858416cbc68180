internal import Logging
internal import Platform
internal import Synchronization
internal import TabletModel

/// Runs a body again and again on a thread of its own: after an interval, at once when triggered, after growing pauses
/// while it fails. One round at a time.
final class Loop: Sendable {
    private struct State {
        var schedule = LoopSchedule()
        var interval: Duration
        var timer: (any ScheduledJob)?
        var lastRoundAt: UnixTime?
        var lastRoundMs: Int64 = 0
        var lastFailure: String?
        var rounds: Int64 = 0
    }

    let name: String
    private let scheduler: any Scheduler
    private let random: any RandomSource
    private let logger: Logger
    private let timing: LoopTiming
    private let pool: any WorkerPool
    private let body: @Sendable () -> LoopOutcome
    private let state: Mutex<State>

    /// Idle until the first `trigger`, `wake` or `startAfterInterval`.
    init(
        name: String, scheduler: any Scheduler, random: any RandomSource, logger: Logger, timing: LoopTiming,
        body: @escaping @Sendable () -> LoopOutcome
    ) {
        self.name = name
        self.scheduler = scheduler
        self.random = random
        self.logger = logger
        self.timing = timing
        self.body = body
        state = Mutex(State(interval: timing.interval))
        pool = scheduler.makePool(name: name, threads: 1, queueLimit: 16)
    }

    /// A round as soon as possible, however long the pause it is in. Any thread; never lost.
    func trigger() {
        let (ticket, old): (UInt64?, (any ScheduledJob)?) = state.withLock { state in
            guard state.schedule.trigger() else { return (nil, nil) }
            return (state.schedule.ticket, state.timer.take())
        }
        guard let ticket else { return }
        old?.cancel()
        start(ticket, after: upTo(timing.triggerJitter))
    }

    /// A round after the first retry pause, unless one is coming anyway.
    func wake() {
        let ticket: UInt64? = state.withLock { $0.schedule.wake() ? $0.schedule.ticket : nil }
        if let ticket { start(ticket, after: timing.retry.delay(retry: 0, random: random)) }
    }

    /// The first round one interval from now, unless one is coming anyway.
    func startAfterInterval() {
        let ticket: UInt64? = state.withLock { $0.schedule.wake() ? $0.schedule.ticket : nil }
        if let ticket { start(ticket, after: interval + upTo(timing.jitter)) }
    }

    /// The interval from now on; the pause it is in, which was as long as another one, ends at once.
    func change(interval: Duration) {
        let isPausing = state.withLock { state in
            guard state.interval != interval else { return false }
            state.interval = interval
            return state.schedule.phase == .waiting
        }
        if isPausing { trigger() }
    }

    private var interval: Duration { state.withLock { $0.interval } }

    /// No further round begins; one that runs goes on to its end.
    func stop() {
        let timer = state.withLock { state in
            state.schedule.stop()
            return state.timer.take()
        }
        timer?.cancel()
    }

    var isRunning: Bool { state.withLock { $0.schedule.phase == .running } }

    var status: LoopStatus {
        state.withLock { state in
            LoopStatus(
                name: name, lastRoundAt: state.lastRoundAt, lastRoundMs: state.lastRoundMs,
                lastFailure: state.lastFailure, rounds: state.rounds, isRunning: state.schedule.phase == .running)
        }
    }

    private func start(_ ticket: UInt64, after delay: Duration) {
        let timer = scheduler.schedule(after: delay, on: pool) { [self] in round(ticket) }
        let isVoid = state.withLock { state in
            guard state.schedule.ticket == ticket, state.schedule.phase != .running else {
                return state.schedule.phase == .stopped
            }
            state.timer = timer
            return false
        }
        if isVoid { timer.cancel() }
    }

    private func round(_ ticket: UInt64) {
        let mayRun = state.withLock { state in
            guard state.schedule.begin(ticket) else { return false }
            state.timer = nil
            return true
        }
        guard mayRun else { return }
        let began = scheduler.monotonicNow
        let outcome = body()
        let lasted = scheduler.monotonicNow - began
        let now = scheduler.wallNow
        let (next, ticket) = state.withLock { state in
            state.rounds += 1
            state.lastRoundAt = now
            state.lastRoundMs = lasted.wholeMilliseconds
            if case .failed(let reason) = outcome { state.lastFailure = reason } else { state.lastFailure = nil }
            return (state.schedule.end(outcome), state.schedule.ticket)
        }
        switch next {
        case .now: start(ticket, after: upTo(timing.triggerJitter))
        case .retry(let retry):
            start(ticket, after: min(interval, timing.retry.delay(retry: retry, random: random)))
        case .interval: start(ticket, after: interval + upTo(timing.jitter))
        case .after(let pause): start(ticket, after: pause)
        case .nothing: break
        }
    }

    private func upTo(_ limit: Duration) -> Duration {
        let nanoseconds = limit.wholeNanoseconds
        return nanoseconds > 0 ? .nanoseconds(Int64(random.next(below: UInt64(nanoseconds) + 1))) : .zero
    }
}
