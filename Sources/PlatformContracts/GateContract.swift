public import Platform
internal import Synchronization

/// What every `GateMaker`'s gates and locks do.
public enum GateContract: String, CaseIterable, Sendable {
    case nobodyPassesBeforeItOpens
    case allWhoWaitPass
    case whoComesLaterPassesAtOnce
    case oneAtATimeIsBehindALock

    /// - Parameters:
    ///   - spawn: runs a job on a thread of its own.
    ///   - holds: waits until the condition holds, and says whether it does.
    public func check(
        _ gates: any GateMaker, spawn: (@escaping @Sendable () -> Void) -> Void, holds: (() -> Bool) -> Bool
    ) throws {
        let gate = gates.makeGate()
        let crowd = Crowd()
        switch self {
        case .nobodyPassesBeforeItOpens:
            let other = gates.makeGate()
            other.open()
            crowd.send(3, through: gate, spawn)
            try require(holds { crowd.arrived == 3 }, "not all came")
            try requireEqual(crowd.passed, 0, "passed a closed gate")
            gate.open()
        case .allWhoWaitPass:
            crowd.send(16, through: gate, spawn)
            try require(holds { crowd.arrived == 16 }, "not all came")
            gate.open()
        case .whoComesLaterPassesAtOnce:
            gate.open()
            for _ in 0..<3 { gate.wait() }
            crowd.send(16, through: gate, spawn)
        case .oneAtATimeIsBehindALock:
            for hold in LockHold.allCases {
                let (lock, inside) = (gates.makeLock(hold), Inside())
                for _ in 0..<8 {
                    spawn {
                        for _ in 0..<500 { lock.withLock { inside.enter() } }
                        inside.leave()
                    }
                }
                try require(holds { inside.left == 8 }, "not all came through the lock")
                try requireEqual(lock.withLock { inside.entries }, 4000, "entries that were counted behind the lock")
            }
            return
        }
        let all = crowd.sent
        try require(holds { crowd.passed == all }, "\(crowd.passed) of \(all) passed the open gate")
    }
}

/// Those who go through a gate.
private final class Crowd: Sendable {
    private let counts = Mutex((sent: 0, arrived: 0, passed: 0))

    var sent: Int { counts.withLock { $0.sent } }
    var arrived: Int { counts.withLock { $0.arrived } }
    var passed: Int { counts.withLock { $0.passed } }

    func send(_ count: Int, through gate: any Gate, _ spawn: (@escaping @Sendable () -> Void) -> Void) {
        for _ in 0..<count {
            counts.withLock { $0.sent += 1 }
            spawn { [self] in
                counts.withLock { $0.arrived += 1 }
                gate.wait()
                counts.withLock { $0.passed += 1 }
            }
        }
    }
}

/// A count that only the lock guards.
private final class Inside: @unchecked Sendable {
    private(set) var entries = 0
    private let gone = Mutex(0)

    var left: Int { gone.withLock { $0 } }

    func enter() {
        let before = entries
        // Long enough for another thread to come between.
        for _ in 0..<50 { withExtendedLifetime(self) {} }
        entries = before + 1
    }

    func leave() { gone.withLock { $0 += 1 } }
}
