import ClusterTestKit
import ElectionTestKit
import FrontendElection
import TabletModel

/// Some FEs and a lease service, each with a clock of its own, from one seed: calls are slow, arrive after their sender gave them
/// up, or not at all; answers are lost; processes are stopped and go on.
struct ElectionSimulation {
    /// So wrong a clock may be, in thousandths.
    static let drift: Int64 = 10

    struct Machine {
        var election: RoleElection
        let record: LeaderRecord
        let role: FrontendRole
        let clock: DriftingClock
        var stoppedUntil: Int64 = 0
        var isCutUntil: Int64 = 0
        /// Under which fence something of the term may still be on.
        var promoted: [Fence] = []
        /// Ticks come when it asked for them, and not before.
        let isWoken: Bool
    }

    /// Real nanoseconds to a machine's own.
    struct DriftingClock {
        let offset: Int64
        let permille: Int64

        func local(_ real: Int64) -> MonotonicTime {
            MonotonicTime(nanoseconds: offset + real + real / 1000 * permille)
        }
    }

    private enum Event {
        case tick(Int)
        case arrives(Int, ElectionCall, answerDelay: Int64, isAnswerLost: Bool)
        case tell(Int, ElectionEvent)
    }

    private struct Timed {
        var at: Int64
        var order: Int
        var event: Event
    }

    private(set) var machines: [Machine] = []
    private(set) var table = LeaseTable()
    private var service: DriftingClock
    private var random: SplitMix64
    private var now: Int64 = 0
    private var queue: [Timed] = []
    private var order = 0
    /// Calls and processes have trouble until then.
    private let troubleUntil: Int64
    /// What was wrong.
    private(set) var complaints: [String] = []
    private(set) var masters: [Int] = []

    init(seed: UInt64, timing: ElectionTiming, trouble: Duration) {
        random = SplitMix64(seed: seed)
        troubleUntil = trouble.wholeNanoseconds
        let drifts = -Self.drift...Self.drift
        service = DriftingClock(offset: 5, permille: Int64.random(in: drifts, using: &random))
        let count = Int.random(in: 3...5, using: &random)
        for place in 0..<count {
            // The last of four or five is an observer.
            let role: FrontendRole = place == 3 || place == 4 && random.next() % 2 == 0 ? .observer : .follower
            let record = LeaderRecord(
                nodeName: "fe\(place)", host: "h\(place)", editLogPort: 1, httpPort: 2, rpcPort: 3, epoch: 1)
            machines.append(
                Machine(
                    election: RoleElection(
                        nodeName: record.nodeName, role: role, timing: timing,
                        random: SeededRandom(seed: random.next())),
                    record: record, role: role,
                    clock: DriftingClock(
                        offset: Int64.random(in: 0...1_000_000_000_000, using: &random),
                        permille: Int64.random(in: drifts, using: &random)), isWoken: seed % 2 == 0))
            push(Int64.random(in: 0...500_000_000, using: &random), .tick(place))
        }
    }

    private mutating func push(_ at: Int64, _ event: Event) {
        order += 1
        let timed = Timed(at: at, order: order, event: event)
        // Few wait at a time.
        let place = queue.lastIndex { ($0.at, $0.order) > (at, order) }.map { $0 + 1 } ?? 0
        queue.insert(timed, at: place)
    }

    private mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &random) * 1_000_000
    }

    private mutating func oneIn(_ n: UInt64) -> Bool { random.next() % n == 0 }

    private var hasTrouble: Bool { now < troubleUntil }

    /// Who may act now.
    var acting: [Int] {
        machines.indices.filter { machines[$0].election.mayAct(at: machines[$0].clock.local(now)) }
    }

    mutating func run(until end: Duration, _ look: (borrowing ElectionSimulation) -> Void = { _ in }) {
        while let next = queue.last, next.at <= end.wholeNanoseconds {
            queue.removeLast()
            now = next.at
            perform(next.event)
            let acting = acting
            if acting.count > 1 { complaints.append("at \(now) ns \(acting) act") }
            if acting.contains(where: { machines[$0].role == .observer }) { complaints.append("an observer acts") }
            look(self)
        }
    }

    private mutating func perform(_ event: Event) {
        switch event {
        case .tick(let place):
            push(now + milliseconds(20...120), event)
            if hasTrouble { disturb(place) }
            tell(place, .tick, repeating: event, isTick: true)
        case .tell(let place, let said): tell(place, said, repeating: event, isTick: false)
        case .arrives(let place, let call, let delay, let isLost):
            let answer = serve(call, machines[place].record)
            if !isLost { push(now + delay, .tell(place, .answered(call.number, answer))) }
        }
    }

    private mutating func disturb(_ place: Int) {
        if oneIn(300) { machines[place].stoppedUntil = now + milliseconds(100...20_000) }
        if oneIn(300) { machines[place].isCutUntil = now + milliseconds(100...20_000) }
        // Whoever acts most of all.
        if machines[place].election.state == .master, oneIn(60) {
            if oneIn(2) {
                machines[place].stoppedUntil = now + milliseconds(3000...8000)
            } else {
                machines[place].isCutUntil = now + milliseconds(3000...20_000)
            }
        }
    }

    private mutating func tell(_ place: Int, _ said: ElectionEvent, repeating event: Event, isTick: Bool) {
        let resumes = machines[place].stoppedUntil
        if now < resumes {
            // A stopped process hears everything when it goes on; of ticks there is one on its way already.
            if !isTick { push(resumes + milliseconds(0...5), event) }
            return
        }
        let local = machines[place].clock.local(now)
        if isTick, machines[place].isWoken, let wakeAt = machines[place].election.wakeAt, local < wakeAt { return }
        let step = machines[place].election.take(said, at: local)
        if let wakeAt = machines[place].election.wakeAt, wakeAt <= local {
            complaints.append("fe\(place) wants to be woken for what it has just done")
        }
        for action in step.actions { carryOut(action, place) }
        for transition in step.transitions where transition.to == .master { masters.append(place) }
    }

    private mutating func carryOut(_ action: ElectionAction, _ place: Int) {
        let work = hasTrouble ? milliseconds(1...1500) : milliseconds(1...100)
        switch action {
        case .call(let call): send(call, place)
        case .replay(let fence):
            if !table.history.contains(where: { $0.fence == fence && $0.record == machines[place].record }) {
                complaints.append("fe\(place) replays behind a fence that is not its own")
            }
            push(now + work, .tell(place, .replayed(fence, upTo: 8, logEnd: 8)))
        case .promote(let fence):
            if let last = machines[place].promoted.last, last >= fence { complaints.append("fences went back") }
            machines[place].promoted.append(fence)
            if hasTrouble, oneIn(10) {
                push(now + work, .tell(place, .promotionFailed(fence, reason: "trouble")))
            } else {
                push(now + work, .tell(place, .promoted(fence)))
            }
        case .stop(let fence): push(now + work, .tell(place, .stopped(fence)))
        }
    }

    private mutating func send(_ call: ElectionCall, _ place: Int) {
        let limit = call.limit.wholeNanoseconds
        let isCut = now < machines[place].isCutUntil
        let failed = Event.tell(
            place, .answered(call.number, .failed(.outcomeUnknown(reason: "no answer in time"))))
        guard hasTrouble || isCut else {
            return push(
                now + milliseconds(1...20),
                .arrives(place, call, answerDelay: milliseconds(1...20), isAnswerLost: false))
        }
        let there = oneIn(8) ? milliseconds(500...6000) : milliseconds(1...300)
        let back = oneIn(8) ? milliseconds(500...3000) : milliseconds(1...300)
        let isLost = isCut || there + back > limit || oneIn(10)
        if !isCut { push(now + there, .arrives(place, call, answerDelay: back, isAnswerLost: isLost)) }
        if isLost { push(now + limit, failed) }
    }

    private mutating func serve(_ call: ElectionCall, _ record: LeaderRecord) -> ElectionAnswer {
        let time = service.local(now)
        switch call.kind {
        case .observe: return .observed(table.observe(at: time))
        case .grant(let ttl): return .granted(table.grant(ttl: ttl, at: time))
        case .campaign(let lease):
            return table.campaign(lease, as: record, at: time).map { .campaigned($0) }
                ?? .failed(.refused(reason: "there is no lease \(lease)"))
        case .keepAlive(let lease): return .keptAlive(table.keepAlive(lease, at: time))
        case .resign(let lease):
            table.resign(lease, at: time)
            return .resigned
        }
    }
}
