internal import Platform

/// How one round of a loop ended, and so when the next one begins.
enum LoopOutcome: Equatable, Sendable {
    /// Next after the interval (or another pause), with jitter.
    case done
    case next(after: Duration)
    /// Next when triggered.
    case idle
    /// Next after a growing pause, at most the interval.
    case failed(String)
}

/// The times of one loop.
struct LoopTiming: Sendable {
    var interval: Duration
    /// Up to this much is added to the interval.
    var jitter: Duration = .zero
    /// Up to this much delays a triggered round.
    var triggerJitter: Duration = .zero
    var retry: Backoff
}

/// Decides when a loop runs. Pure: time, timers and threads are the caller's.
///
/// A trigger is never lost: while a round runs it is remembered and starts another one; while one is due it is already
/// served. (In Doris a notify that meets a busy report thread is gone: `contract/behaviour.md` §4.)
struct LoopSchedule {
    enum Phase: Sendable { case idle, waiting, due, running, stopped }

    private(set) var phase = Phase.idle
    /// Names the run that is waiting or due; a timer with an older ticket is void.
    private(set) var ticket: UInt64 = 0
    private(set) var failures = 0
    private var triggeredMeanwhile = false
    private var wokenMeanwhile = false

    /// True: start the round with the new ticket now.
    mutating func trigger() -> Bool {
        switch phase {
        case .idle, .waiting:
            phase = .due
            ticket += 1
            return true
        case .running: triggeredMeanwhile = true
        case .due, .stopped: break
        }
        return false
    }

    /// There is work, but no hurry: an idle loop gets its first retry pause, one that waits keeps its time.
    /// True: start the round with the new ticket after that pause.
    mutating func wake() -> Bool {
        switch phase {
        case .idle:
            phase = .waiting
            ticket += 1
            return true
        case .running: wokenMeanwhile = true
        case .waiting, .due, .stopped: break
        }
        return false
    }

    /// False: the ticket is void, run nothing.
    mutating func begin(_ ticket: UInt64) -> Bool {
        guard ticket == self.ticket, phase == .waiting || phase == .due else { return false }
        phase = .running
        triggeredMeanwhile = false
        wokenMeanwhile = false
        return true
    }

    enum Next: Equatable { case now, retry(Int), interval, after(Duration), nothing }

    /// When the next round is to start, with the new ticket.
    mutating func end(_ outcome: LoopOutcome) -> Next {
        guard phase == .running else { return .nothing }
        if case .failed = outcome { failures += 1 } else { failures = 0 }
        ticket += 1
        if triggeredMeanwhile {
            phase = .due
            return .now
        }
        phase = .waiting
        switch outcome {
        case .done: return .interval
        case .next(let pause): return .after(pause)
        case .failed: return .retry(failures - 1)
        case .idle:
            if wokenMeanwhile { return .retry(0) }
            phase = .idle
            return .nothing
        }
    }

    mutating func stop() {
        phase = .stopped
        ticket += 1
    }
}
