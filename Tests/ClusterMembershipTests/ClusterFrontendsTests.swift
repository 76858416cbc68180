import ClusterTestKit
import HTTPAPI
import Logging
import MasterServices
import MetadataTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import ClusterMembership
@testable import ClusterMetadata

@Suite struct ClusterFrontendsTests {
    private let machine = MetadataMachine()
    private let now = UnixTime(milliseconds: 1_700_000_000_000)
    private let own = MasterAddress(host: "fe1", httpPort: 8030, rpcPort: 9020)
    private let second = NetworkAddress(host: "fe2", port: 9020)

    private func registered() throws -> MetadataStore {
        let store = try machine.open()
        try store.registerMaster(at: own, now: now)
        return store
    }

    @Test func theFirstRegistersItselfOnce() throws {
        let store = try registered()
        let first = try #require(store.read { $0.frontends.all }.first)
        #expect(first.nodeName == store.identity.nodeName)
        #expect(first.role == .follower)
        #expect(first.address == NetworkAddress(host: "fe1", port: 9020))
        #expect(store.read { $0.frontends.master } == own)
        let before = store.lastLogID
        try store.registerMaster(at: own, now: now)
        #expect(store.lastLogID == before)
        machine.crash()
        #expect(try machine.open().read { $0.frontends.all } == [first])
    }

    /// An earlier build left a cluster without frontends.
    @Test func aClusterOfAnEarlierBuildGetsItsFirstFrontend() throws {
        var store = try machine.open()
        _ = try store.addBackend(NetworkAddress(host: "be1", port: 9050))
        _ = try store.checkpoint()
        machine.crash()
        store = try machine.open()
        try store.checkRole()
        try store.registerMaster(at: own, now: now)
        #expect(store.read { $0.frontends.all.count } == 1)
        try store.checkRole()
    }

    @Test func otherPortsAreJournaledAndTheNameStays() throws {
        let store = try registered()
        try store.registerMaster(at: MasterAddress(host: "fe1b", httpPort: 1, rpcPort: 2), now: now)
        let all = store.read { $0.frontends.all }
        #expect(all.map(\.nodeName) == [store.identity.nodeName])
        #expect(all.map(\.rpcAddress) == [NetworkAddress(host: "fe1b", port: 2)])
        #expect(store.read { $0.frontends.master?.httpPort } == 1)
    }

    @Test func anAddedFrontendHasANameOfItsOwn() throws {
        let store = try registered()
        let added = try store.addFrontend(second, role: .observer, httpPort: 8030, now: now)
        #expect(added.nodeName == "fe2_9020_1700000000000")
        for role in FrontendRole.allCases {
            let error = #expect(throws: MasterError.self) {
                try store.addFrontend(second, role: role, httpPort: 8030, now: now + .seconds(1))
            }
            #expect(error?.code == .alreadyExists)
        }
    }

    @Test func whatIsDroppedIsNamedByAddressAndRole() throws {
        let store = try registered()
        let added = try store.addFrontend(second, role: .observer, httpPort: 8030, now: now)
        #expect(code { try store.dropFrontend(second, role: .follower) } == .conflict)
        #expect(code { try store.dropFrontend(NetworkAddress(host: "fe9", port: 1), role: .follower) } == .notFound)
        #expect(try store.dropFrontend(second, role: .observer) == added)
        #expect(store.read { $0.frontends.removedNames } == [added.nodeName])
        #expect(code { try store.addFrontend(second, role: .observer, httpPort: 1, now: now) } == .unavailable)
        #expect(try store.addFrontend(second, role: .follower, httpPort: 1, now: now + .seconds(1)).role == .follower)
    }

    @Test func neitherTheMasterNorTheLastFollowerIsDropped() throws {
        let store = try registered()
        let first = NetworkAddress(host: "fe1", port: 9020)
        #expect(code { try store.dropFrontend(first, role: .follower) } == .conflict)
        _ = try store.addFrontend(second, role: .follower, httpPort: 8030, now: now)
        #expect(code { try store.dropFrontend(first, role: .follower) } == .conflict, "it is the master")
        // Of a cluster whose only follower is another.
        try store.commit([.removeFrontend(store.identity.nodeName)])
        let error = #expect(throws: MasterError.self) { try store.dropFrontend(second, role: .follower) }
        #expect(error?.message.contains("last follower") == true)
    }

    private func code(_ body: () throws -> Frontend) -> MasterError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? MasterError)?.code
        }
    }

    @Test func aRoleThatDisagreesWithTheMetadataStopsTheStart() throws {
        let store = try registered()
        let name = store.identity.nodeName
        try store.checkRole()
        var own = try #require(store.read { $0.frontends[name] })
        own.role = .observer
        try store.commit([.addFrontend(own)])
        #expect(reason(store).contains("role=FOLLOWER, and \(name) is registered as OBSERVER"))
        try store.commit([.removeFrontend(name)])
        #expect(reason(store).contains("the frontend \(name) was dropped from the cluster"))
        #expect(reason(store).contains("tabletctl add-frontend"))
    }

    @Test func aNameThatIsNotRegisteredStopsTheStart() throws {
        let store = try machine.open()
        try store.commit([
            .addFirstFrontend(
                Frontend(
                    nodeName: "other", role: .follower, host: "fe9", editLogPort: 1, httpPort: 2, rpcPort: 3,
                    joinedAt: now))
        ])
        #expect(reason(store).contains("whose frontends are other"))
    }

    private func reason(_ store: MetadataStore) -> String {
        do {
            try store.checkRole()
            return ""
        } catch {
            return "\(error)"
        }
    }
}

/// Frontends that answer what a test says.
private final class Frontends: FrontendConnector {
    let answers = Mutex<[NetworkAddress: PingReply]>([:])
    let asked = Mutex<[PingRequest]>([])

    private struct Line: FrontendConnection {
        let rpc: NetworkAddress
        let frontends: Frontends

        func ping(_ request: PingRequest) throws -> PingReply {
            frontends.asked.withLock { $0.append(request) }
            guard let reply = frontends.answers.withLock({ $0[rpc] }) else {
                throw RPCError(.connect, method: "ping", peer: rpc, message: "refused", mayHaveRun: false)
            }
            return reply
        }
    }

    func connection(to rpc: NetworkAddress) -> any FrontendConnection { Line(rpc: rpc, frontends: self) }
}

@Suite struct FrontendHeartbeatsTests {
    private let second = NetworkAddress(host: "fe2", port: 9020)

    @Test func eachRoundPingsAllButItself() throws {
        let scheduler = ManualScheduler()
        let store = try MetadataMachine().open()
        try store.registerMaster(
            at: MasterAddress(host: "fe1", httpPort: 8030, rpcPort: 9020), now: scheduler.wallNow)
        let added = try store.addFrontend(second, role: .observer, httpPort: 8030, now: scheduler.wallNow)
        let frontends = Frontends()
        let heartbeats = FrontendHeartbeats(
            store: store, connector: frontends, scheduler: scheduler,
            configuration: HeartbeatConfiguration(master: NetworkAddress(host: "fe1", port: 9020), httpPort: 8030),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func status() -> FrontendStatus { store.read { $0.status(ofFrontend: added.nodeName) } }

        heartbeats.start()
        try scheduler.advance(by: .seconds(1))
        #expect(!status().isAlive && status().error.contains("refused"))
        #expect(
            frontends.asked.withLock { $0 } == [
                PingRequest(clusterID: store.identity.clusterID, token: store.identity.token)
            ])

        frontends.answers.withLock {
            $0[second] = PingReply(isOK: true, message: "", rpcPort: 9020, replayedJournalID: 17, version: "v2")
        }
        try scheduler.advance(by: .seconds(5))
        #expect(status().isAlive && status().error.isEmpty)
        #expect(status().replayedLogID == 17 && status().version == "v2")
        let heard = status().lastHeartbeatAt

        frontends.answers.withLock {
            $0[second] = PingReply(isOK: false, message: "this frontend belongs to cluster 3")
        }
        try scheduler.advance(by: .seconds(5))
        #expect(!status().isAlive && status().error.contains("cluster 3"))
        #expect(status().lastHeartbeatAt == heard && status().replayedLogID == 17)

        heartbeats.stop()
        let before = frontends.asked.withLock { $0.count }
        try scheduler.advance(by: .seconds(60))
        #expect(frontends.asked.withLock { $0.count } == before)
    }

    /// Whoever added it may have said another port than it listens on.
    @Test func whatAFrontendSaysOfItselfIsTakenOver() throws {
        let scheduler = ManualScheduler()
        let store = try MetadataMachine().open()
        try store.registerMaster(
            at: MasterAddress(host: "fe1", httpPort: 8030, rpcPort: 9020), now: scheduler.wallNow)
        let added = try store.addFrontend(second, role: .observer, httpPort: 8030, now: scheduler.wallNow)
        let frontends = Frontends()
        let heartbeats = FrontendHeartbeats(
            store: store, connector: frontends, scheduler: scheduler,
            configuration: HeartbeatConfiguration(master: NetworkAddress(host: "fe1", port: 9020), httpPort: 8030),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        func answer(_ httpPort: Int32?, isOK: Bool = true) throws {
            frontends.answers.withLock {
                $0[second] = PingReply(isOK: isOK, message: "", processUUID: 41, httpPort: httpPort)
            }
            try scheduler.advance(by: .seconds(5))
        }
        func httpPort() -> Int32? { store.read { $0.frontends[added.nodeName]?.httpPort } }
        heartbeats.start()
        // An earlier build says nothing of it, and what refuses may be anybody.
        try answer(nil)
        try answer(8031, isOK: false)
        #expect(httpPort() == 8030)
        try answer(8032)
        #expect(httpPort() == 8032)
        #expect(store.read { $0.status(ofFrontend: added.nodeName).processUUID } == 41)
        let before = store.lastLogID
        try answer(8032)
        #expect(store.lastLogID == before)
        _ = try store.dropFrontend(second, role: .observer)
        try store.correctFrontend(added.nodeName, httpPort: 1)
        #expect(httpPort() == nil)
    }

    @Test func aDroppedFrontendIsPingedNoLonger() throws {
        let scheduler = ManualScheduler()
        let store = try MetadataMachine().open()
        try store.registerMaster(
            at: MasterAddress(host: "fe1", httpPort: 8030, rpcPort: 9020), now: scheduler.wallNow)
        _ = try store.addFrontend(second, role: .observer, httpPort: 8030, now: scheduler.wallNow)
        let frontends = Frontends()
        let heartbeats = FrontendHeartbeats(
            store: store, connector: frontends, scheduler: scheduler,
            configuration: HeartbeatConfiguration(master: NetworkAddress(host: "fe1", port: 9020), httpPort: 8030),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        heartbeats.start()
        try scheduler.advance(by: .seconds(12))
        #expect(frontends.asked.withLock { $0.count } == 3)
        _ = try store.dropFrontend(second, role: .observer)
        try scheduler.advance(by: .seconds(60))
        #expect(frontends.asked.withLock { $0.count } == 3)
    }
}
