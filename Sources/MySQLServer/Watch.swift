internal import NIOCore

/// The one timer of a connection: moved often, scheduled seldom.
struct Watch {
    enum Reason {
        case handshake, message, idle, taking, ending
    }

    private(set) var reason: Reason?
    private var due = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture
    private let eventLoop: any EventLoop
    private let fire: () -> Void

    /// - Parameter fire: calls `fired`.
    init(on eventLoop: any EventLoop, fire: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.fire = fire
    }

    mutating func expect(_ reason: Reason, within time: Duration) {
        self.reason = reason
        due = .now() + TimeAmount(time)
        if timer == nil || timerDue > due { schedule() }
    }

    /// Nothing is expected of the client.
    mutating func rest() {
        reason = nil
        due = .distantFuture
    }

    mutating func stop() {
        rest()
        timer?.cancel()
        timer = nil
    }

    /// What has not happened in time; nil when there still is some.
    mutating func fired() -> Reason? {
        timer = nil
        guard let reason else { return nil }
        if NIODeadline.now() < due {
            schedule()
            return nil
        }
        rest()
        return reason
    }

    private mutating func schedule() {
        timer?.cancel()
        timerDue = due
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: due, fire)
    }
}
