import BackendCore
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

/// `contract/behaviour.md` §1.
@Suite struct HeartbeatTests {
    static func learnt() throws -> HeartbeatState {
        let first = MasterInfo(address: masterAddress, clusterID: 1, epoch: 3, token: "secret")
        return try HeartbeatAcceptance.evaluate(
            first, from: masterHost, state: HeartbeatState(clusterID: nil), identity: Fixture.identity
        ).state
    }

    @Test func theFirstHeartbeatTeachesEverything() throws {
        let master = MasterInfo(
            address: masterAddress, clusterID: 1, epoch: 1, token: "secret", backendIP: "10.0.0.2", httpPort: 8030,
            flags: 1, backendID: 10003, tabletReportInactiveMs: 5)
        let transition = try HeartbeatAcceptance.evaluate(
            master, from: masterHost, state: HeartbeatState(clusterID: nil), identity: Fixture.identity)
        #expect(transition.persistClusterID == 1)
        #expect(transition.isNewMaster)
        #expect(transition.state.master == masterAddress)
        #expect(transition.state.epoch == 1)
        #expect(transition.state.token == "secret")
        #expect(transition.state.backendID == 10003)
        #expect(transition.state.backendHost == "10.0.0.2")
        #expect(transition.state.flags == 1)
        #expect(transition.state.masterHTTPPort == 8030)
        #expect(transition.state.tabletReportInactiveMs == 5)
        #expect(!String(describing: transition.state).contains("secret"))
        #expect(!String(reflecting: transition.state).contains("secret"))
    }

    @Test(arguments: [
        (MasterInfo(address: masterAddress, clusterID: 2, epoch: 3), HeartbeatRefusal.clusterMismatch(told: 2, own: 1)),
        (MasterInfo(address: masterAddress, clusterID: -1, epoch: 3), .invalidClusterID(-1)),
        (MasterInfo(address: masterAddress, clusterID: 1, epoch: 3, token: "wrong!"), .tokenMismatch),
        (MasterInfo(address: masterAddress, clusterID: 1, epoch: 3, token: "longer than it"), .tokenMismatch),
        (MasterInfo(address: masterAddress, clusterID: 1, epoch: 3), .tokenMissing),
        (
            MasterInfo(address: otherMaster, clusterID: 1, epoch: 3),
            .staleEpoch(told: 3, known: 3, from: otherMaster, master: masterAddress)
        ),
        (
            MasterInfo(address: masterAddress, clusterID: 1, epoch: 3, backendIP: "10.0.0.77"),
            .foreignBackendIP(told: "10.0.0.77", own: "10.0.0.2")
        ),
    ])
    func eachCheckRefusesWithItsReason(master: MasterInfo, refusal: HeartbeatRefusal) throws {
        let state = try Self.learnt()
        #expect(throws: refusal) {
            try HeartbeatAcceptance.evaluate(master, from: masterHost, state: state, identity: Fixture.identity)
        }
        #expect(!refusal.description.contains("wrong!"))
        #expect(!refusal.description.contains("secret"))
    }

    @Test(arguments: [
        // address, epoch, is it news, the epoch afterwards
        (masterAddress, Int64(3), false, Int64(3)),
        (masterAddress, 4, true, 4),
        (masterAddress, 1, false, 3),
        (otherMaster, 4, true, 4),
    ])
    func aNewMasterOrAHigherEpochIsNews(address: NetworkAddress, epoch: Int64, isNews: Bool, after: Int64) throws {
        let transition = try HeartbeatAcceptance.evaluate(
            MasterInfo(address: address, clusterID: 1, epoch: epoch, token: "secret"), from: masterHost,
            state: try Self.learnt(),
            identity: Fixture.identity)
        #expect(transition.isNewMaster == isNews)
        #expect(transition.state.epoch == after)
        #expect(transition.state.master == address)
        #expect(transition.persistClusterID == nil)
    }

    @Test func aMasterWithoutAnEpochIsNeverAccepted() {
        #expect(throws: HeartbeatRefusal.self) {
            try HeartbeatAcceptance.evaluate(
                MasterInfo(address: masterAddress, clusterID: 1, epoch: 0), from: masterHost,
                state: HeartbeatState(clusterID: nil),
                identity: Fixture.identity)
        }
    }

    @Test func anotherAddressOfThisMachineIsAdopted() throws {
        let transition = try HeartbeatAcceptance.evaluate(
            MasterInfo(
                address: masterAddress, clusterID: 1, epoch: 3, token: "secret", backendIP: "127.0.0.1"),
            from: masterHost, state: try Self.learnt(), identity: Fixture.identity)
        #expect(transition.state.backendHost == "127.0.0.1")
    }

    // The service around it.

    @Test func theReplySaysWhoTheBackendIs() {
        let fixture = Fixture()
        let reply = fixture.heartbeat()
        #expect(reply.status == .ok)
        #expect(reply.backend.bePort == 9060)
        #expect(reply.backend.httpPort == 8040)
        #expect(reply.backend.beRPCPort == -1)
        #expect(reply.backend.version == "v")
        #expect(reply.backend.startTime == UnixTime(milliseconds: 1_673_712_000_000))
        #expect(reply.backend.nodeRole == "mix")
        #expect(reply.backend.isShutdown == nil)
        #expect(fixture.engine.state.withLock { $0.persisted } == [1])
    }

    @Test func aRefusedHeartbeatChangesNothingAndShowsNoPorts() {
        let fixture = Fixture()
        fixture.heartbeat(token: "t")
        let reply = fixture.heartbeat(from: otherMaster, epoch: 9, token: "u", ip: "127.0.0.1")
        #expect(reply.status.code == .internalError)
        #expect(reply.backend == BackendInfo())
        let status = fixture.node.status()
        #expect(status.master == masterAddress)
        #expect(status.masterEpoch == 1)
        #expect(status.backendHost == "10.0.0.2")
    }

    @Test func nothingIsWrittenWhenALaterCheckFails() {
        let fixture = Fixture()
        #expect(fixture.heartbeat(epoch: 0).status.code == .internalError)
        #expect(fixture.heartbeat(ip: "10.9.9.9").status.code == .internalError)
        #expect(fixture.engine.state.withLock { $0.persisted } == [])
        #expect(fixture.heartbeat().status == .ok)
    }

    @Test func aClusterIDThatCanNotBeWrittenIsNotAcknowledged() {
        let fixture = Fixture()
        fixture.engine.set { $0.persistFailure = "disk is read-only" }
        let reply = fixture.heartbeat()
        #expect(reply.status.code == .internalError)
        #expect(reply.status.messages.first?.contains("disk is read-only") == true)
        #expect(fixture.node.status().master == nil)
        // Another cluster may still claim the backend, and the same one later.
        fixture.engine.set { $0.persistFailure = nil }
        #expect(fixture.heartbeat(cluster: 4).status == .ok)
        #expect(fixture.heartbeat(cluster: 1).status.code == .internalError)
        #expect(fixture.node.status().clusterID == 4)
    }

    @Test func heartbeatsThatComeWhileTheIDIsWrittenAreRefused() {
        let fixture = Fixture()
        let inner = Mutex<HeartbeatReply?>(nil)
        fixture.engine.during.withLock {
            $0 = { call in
                if call.hasPrefix("persist") {
                    let reply = fixture.heartbeat(cluster: 2)
                    inner.withLock { $0 = reply }
                }
            }
        }
        #expect(fixture.heartbeat(cluster: 1).status == .ok)
        #expect(inner.withLock { $0 }?.status.code == .internalError)
        #expect(fixture.engine.state.withLock { $0.persisted } == [1])
    }

    @Test func anIDOnDiskIsTheLaw() {
        let engine = RecordingEngine()
        engine.set { $0.clusterID = 7 }
        let fixture = Fixture(engine: engine)
        #expect(fixture.heartbeat(cluster: 1).status.code == .internalError)
        #expect(fixture.heartbeat(cluster: 7).status == .ok)
        #expect(engine.state.withLock { $0.persisted } == [])
    }

    @Test func heartbeatsAreAnsweredBeforeTheTabletsAreLoaded() throws {
        let engine = RecordingEngine()
        engine.set { $0.isLoaded = false }
        let fixture = Fixture(engine: engine)
        fixture.node.start()
        #expect(fixture.heartbeat().status == .ok)
        try fixture.advance(.seconds(1))
        #expect(fixture.heartbeat().status == .ok)
        #expect(!fixture.node.status().startup.isLoaded)
    }

    @Test func aStoppingBackendSaysSo() {
        let fixture = Fixture()
        fixture.heartbeat()
        fixture.node.stop {}
        #expect(fixture.heartbeat().backend.isShutdown == true)
    }

    // A master after another one.

    @Test func whatIsOnItsWayToTheMasterBeforeEndsWithItsTerm() {
        let fixture = Fixture()
        fixture.heartbeat(epoch: 1)
        // Other words, the same master: the same line.
        fixture.heartbeat(epoch: 1, speaking: .year2026)
        #expect(fixture.master.state.withLock { $0.lines } == [masterAddress])
        #expect(fixture.master.state.withLock { $0.abandoned.isEmpty })
        fixture.heartbeat(from: otherMaster, epoch: 2)
        #expect(fixture.master.state.withLock { $0.abandoned } == [masterAddress])
        // Refused, so nothing of it.
        fixture.heartbeat(epoch: 1)
        #expect(fixture.master.state.withLock { $0.lines } == [masterAddress, otherMaster])
        // The same address, and perhaps another process.
        fixture.heartbeat(from: otherMaster, epoch: 3)
        #expect(fixture.master.state.withLock { $0.lines } == [masterAddress, otherMaster, otherMaster])
        #expect(fixture.master.state.withLock { $0.abandoned } == [masterAddress, otherMaster])
    }

    @Test func filesOfFormerMastersAreRefusedUntilTheyLeadAgain() {
        let fixture = Fixture()
        func refused() -> Set<NetworkAddress>? { fixture.engine.state.withLock { $0.refusedMasters.last?.masters } }
        let (files, otherFiles) = (
            NetworkAddress(host: masterAddress.host, port: 8030), NetworkAddress(host: otherMaster.host, port: 8030)
        )
        fixture.heartbeat(epoch: 1)
        fixture.heartbeat(epoch: 2)
        #expect(refused() == [])
        fixture.heartbeat(from: otherMaster, epoch: 3)
        #expect(refused() == [files])
        let third = NetworkAddress(host: "10.0.0.7", port: 9020)
        fixture.heartbeat(from: third, epoch: 4)
        #expect(refused() == [files, otherFiles])
        fixture.heartbeat(epoch: 5)
        #expect(refused() == [otherFiles, NetworkAddress(host: third.host, port: 8030)])
        let revisions = fixture.engine.state.withLock { $0.refusedMasters.map(\.revision) }
        #expect(revisions == revisions.sorted() && Set(revisions).count == revisions.count)
    }
}
