internal import TabletModel

/// The deadlines of one transfer, in monotonic nanoseconds. Decides only; the engine measures and acts.
struct TransferWatch {
    enum Expiry: Equatable { case stall, answer, total }

    private let stall: Int64
    private let answer: Int64
    private let total: Int64
    private let startedAt: Int64
    private var movedAt: Int64
    private var movedBytes: Int64 = 0
    private var sentAt: Int64?

    init(timeouts: HTTPTimeouts, now: Int64) {
        stall = timeouts.stall.wholeNanoseconds
        answer = timeouts.answer.wholeNanoseconds
        total = timeouts.total.wholeNanoseconds
        startedAt = now
        movedAt = now
    }

    /// - Parameters:
    ///   - movedBytes: acknowledged by the peer plus received, ever growing.
    ///   - awaitsAnswer: everything is sent, nothing of the answer has come.
    ///   - isHeld: the clock stands: no connection yet (curl has its own limit for that), or our own consumer is busy.
    mutating func check(now: Int64, movedBytes: Int64, awaitsAnswer: Bool, isHeld: Bool) -> Expiry? {
        if total > 0, now - startedAt >= total { return .total }
        if movedBytes != self.movedBytes || isHeld {
            self.movedBytes = movedBytes
            movedAt = now
        }
        guard awaitsAnswer else {
            sentAt = nil
            return stall > 0 && now - movedAt >= stall ? .stall : nil
        }
        let since = max(sentAt ?? movedAt, movedAt)
        sentAt = since
        return answer > 0 && now - since >= answer ? .answer : nil
    }
}
