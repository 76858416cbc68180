import ClusterTestKit
import Logging
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata
@testable import MasterServices

private func answer(bePort: Int32 = 9060, start: Int64 = 100, version: String = "v1") -> BackendInfo {
    var info = BackendInfo()
    info.bePort = bePort
    info.httpPort = 8040
    info.brpcPort = 8060
    info.version = version
    info.startTime = UnixTime(seconds: start)
    info.nodeRole = "mix"
    return info
}

@Suite struct LivenessTransitionTests {
    private let fresh = Backend(id: 10_001, host: "be1", heartbeatPort: 9050)
    private let now = UnixTime(seconds: 1_000)

    private func known() -> (Backend, BackendStatus) {
        let first = LivenessTransition(.answered(answer()), of: fresh, status: BackendStatus(), now: now)
        return (first.backend, first.status)
    }

    @Test func theFirstAnswerTellsPortsAndIsJournaled() {
        let first = LivenessTransition(.answered(answer()), of: fresh, status: BackendStatus(), now: now)
        #expect(first.isJournaled)
        #expect(first.events == [.becameAlive])
        #expect(first.status.isAlive)
        #expect(first.status.lastHeartbeatAt == now)
        #expect(first.backend.agentAddress == NetworkAddress(host: "be1", port: 9060))
        #expect(first.backend.startedAt == UnixTime(seconds: 100))
    }

    @Test func anotherLikeItChangesNothingThatMustSurvive() {
        let (backend, status) = known()
        let next = LivenessTransition(.answered(answer()), of: backend, status: status, now: UnixTime(seconds: 1_005))
        #expect(!next.isJournaled)
        #expect(next.events.isEmpty)
        #expect(next.status.lastHeartbeatAt == UnixTime(seconds: 1_005))
    }

    @Test func aNewStartTimeIsARestartAndForgetsTheReportVersion() {
        var (backend, status) = known()
        let isTaken = status.raiseReportVersion(500)
        #expect(isTaken)
        let next = LivenessTransition(.answered(answer(start: 200)), of: backend, status: status, now: now)
        #expect(next.isJournaled)
        #expect(next.events == [.restarted])
        #expect(next.status.reportVersion == 0)
        backend = next.backend
        #expect(backend.startedAt == UnixTime(seconds: 200))
    }

    @Test(arguments: [1, 3])
    func failuresUpToTheToleranceMakeItDeadOnce(tolerance: Int) {
        var (backend, status) = known()
        var events: [LivenessTransition.Event] = []
        for _ in 0..<5 {
            let next = LivenessTransition(
                .failed("timeout"), of: backend, status: status, now: now, tolerance: tolerance)
            #expect(!next.isJournaled)
            (backend, status) = (next.backend, next.status)
            #expect(status.isAlive == (status.failureCount < tolerance))
            events += next.events
        }
        #expect(events == [.becameDead(reason: "timeout")])
        let back = LivenessTransition(.answered(answer()), of: backend, status: status, now: now, tolerance: tolerance)
        #expect(back.events == [.becameAlive])
        #expect(back.status.failureCount == 0)
        #expect(back.status.heartbeatError.isEmpty)
    }

    @Test func aRefusalIsAFailureThatSaysWhy() {
        let (backend, status) = known()
        let next = LivenessTransition(
            .refused(RPCStatus(.internalError, "wrong cluster id")), of: backend, status: status, now: now)
        #expect(!next.status.isAlive)
        #expect(next.status.heartbeatError.contains("wrong cluster id"))
        #expect(next.backend == backend)
    }

    @Test(arguments: [Int32(0), -1, 70_000])
    func anAnswerWithoutAPortIsAFailure(port: Int32) {
        let next = LivenessTransition(
            .answered(answer(bePort: port)), of: fresh, status: BackendStatus(), now: now)
        #expect(!next.status.isAlive)
        #expect(next.backend == fresh)
        #expect(!next.isJournaled)
    }

    @Test func aBackendThatSaysItShutsDownIsDeadWhateverTheTolerance() {
        let (backend, status) = known()
        var info = answer()
        info.isShutdown = true
        let next = LivenessTransition(.answered(info), of: backend, status: status, now: now, tolerance: 5)
        #expect(!next.status.isAlive)
        #expect(next.events == [.becameDead(reason: "the backend is shutting down")])
    }

    @Test func theReportVersionNeverGoesBack() {
        var status = BackendStatus()
        let results = [5, 5, 4, 6].map { status.raiseReportVersion($0) }
        #expect(results == [true, true, false, true])
        #expect(status.reportVersion == 6)
    }
}

/// Backends that answer as told, by host.
private final class ScriptedBackends: BackendConnector {
    private let answers = Mutex<[String: HeartbeatReply]>([:])
    private let asked = Mutex<[MasterInfo]>([])

    func set(_ host: String, _ reply: HeartbeatReply?) { answers.withLock { $0[host] = reply } }
    var requests: [MasterInfo] { asked.withLock { $0 } }

    func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
        Line(backends: self, address: heartbeat)
    }

    struct Line: BackendConnection {
        let backends: ScriptedBackends
        let address: NetworkAddress

        func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
            backends.asked.withLock { $0.append(master) }
            guard let reply = backends.answers.withLock({ $0[address.host] }) else {
                throw RPCError(.timeout, method: "heartbeat", peer: address, message: "no answer", mayHaveRun: true)
            }
            return reply
        }

        func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus { .ok }
        func tabletStats() throws -> [TabletStat] { [] }
    }
}

@Suite struct HeartbeatManagerTests {
    private let machine = MetadataMachine()
    private let scheduler = ManualScheduler(seed: 1)
    private let backends = ScriptedBackends()

    private final class Events: Sendable {
        let all = Mutex<[String]>([])
        func add(_ text: String) { all.withLock { $0.append(text) } }
        var texts: [String] { all.withLock { $0 } }
    }

    private func manager(_ store: MetadataStore, _ events: Events = Events()) throws -> HeartbeatManager {
        _ = try store.beginEpoch()
        return HeartbeatManager(
            store: store, signs: LifeSigns(), connector: backends, scheduler: scheduler,
            configuration: HeartbeatConfiguration(
                master: NetworkAddress(host: "fe1", port: 9020), httpPort: 8030),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { backend, event in
            events.add("\(backend.host) \(event)")
        }
    }

    @Test func allBackendsAreAskedAndTheirAnswersKept() throws {
        let store = try machine.open()
        for host in ["be1", "be2", "be3"] {
            _ = try store.addBackend(NetworkAddress(host: host, port: 9050))
            if host != "be2" { backends.set(host, HeartbeatReply(status: .ok, backend: answer())) }
        }
        let events = Events()
        let manager = try manager(store, events)
        manager.start()
        try scheduler.advance(by: .seconds(1))
        #expect(store.read { state in state.backends.map { state.isAlive($0.id) } } == [true, false, true])
        #expect(store.read { state in state.status(of: state.backends[1].id).heartbeatError }.contains("no answer"))
        #expect(events.texts.sorted() == ["be1 becameAlive", "be3 becameAlive"])
        let request = try #require(backends.requests.first { $0.backendIP == "be3" })
        #expect(request.clusterID == store.identity.clusterID)
        #expect(request.epoch == 1)
        #expect(request.token == store.identity.token)
        #expect(request.backendID == store.read { $0.backends[2].id })
        manager.stop()
    }

    @Test func onlyWhatChangedIsJournaled() throws {
        let store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer()))
        let manager = try manager(store)
        manager.start()
        try scheduler.advance(by: .seconds(1))
        let afterFirst = store.lastLogID
        try scheduler.advance(by: .seconds(100))
        #expect(store.lastLogID == afterFirst)
        #expect(backends.requests.count == 21)
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer(version: "v2")))
        try scheduler.advance(by: .seconds(5))
        #expect(store.lastLogID == afterFirst + 1)
        manager.stop()
        machine.crash()
        let again = try machine.open()
        #expect(again.read { $0.backends.map(\.version) } == ["v2"])
        #expect(again.read { $0.backends.map { $0.agentAddress?.port } } == [9060])
        #expect(again.read { state in state.backends.map { state.isAlive($0.id) } } == [false])
    }

    @Test func aBackendGoesAndComesBackAndARestartIsNoticed() throws {
        let store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer()))
        let events = Events()
        let manager = try manager(store, events)
        manager.start()
        try scheduler.advance(by: .seconds(1))
        backends.set("be1", nil)
        try scheduler.advance(by: .seconds(10))
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer(start: 300)))
        try scheduler.advance(by: .seconds(5))
        #expect(
            events.texts.map { $0.prefix(13) } == ["be1 becameAli", "be1 becameDea", "be1 restarted", "be1 becameAli"])
        manager.stop()
        let asked = backends.requests.count
        try scheduler.advance(by: .seconds(60))
        #expect(backends.requests.count == asked)
    }

    @Test func aBackendThatClaimsAnothersPortStaysDead() throws {
        let store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer()))
        let manager = try manager(store)
        manager.start()
        try scheduler.advance(by: .seconds(1))
        let second = try store.addBackend(NetworkAddress(host: "be1", port: 9051))
        manager.heartbeatNow(second.id)
        try scheduler.advance(by: .seconds(1))
        #expect(!store.read { $0.isAlive(second.id) })
        #expect(store.read { $0.status(of: second.id) }.heartbeatError.contains("backend 10001"))
        manager.stop()
    }

    @Test func aDecommissionDuringAHeartbeatIsNotLost() throws {
        let store = try machine.open()
        let address = NetworkAddress(host: "be1", port: 9050)
        _ = try store.addBackend(address)
        backends.set("be1", HeartbeatReply(status: .ok, backend: answer()))
        let manager = try manager(store)
        _ = try store.setDecommissioned(address, true)
        manager.start()
        try scheduler.advance(by: .seconds(1))
        #expect(store.read { $0.backends.map(\.isDecommissioned) } == [true])
        #expect(store.read { $0.backends.map(\.bePort) } == [9060])
        manager.stop()
    }
}
