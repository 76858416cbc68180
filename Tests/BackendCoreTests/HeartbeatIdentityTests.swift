import BackendCore
import ClusterTestKit
import Platform
import StorageEngine
import TabletModel
import Testing

/// Who the master takes this backend for. found A4, A5
@Suite struct HeartbeatIdentityTests {
    static let own = BackendUUID(text: "0f8fad5b-d9cb-469f-a165-70867728950e")!

    private func state(_ told: [(host: String, uuid: String?)]) throws -> HeartbeatState {
        var identity = Fixture.identity
        identity.uuid = Self.own
        var state = HeartbeatState(clusterID: 1)
        for (host, uuid) in told {
            state = try HeartbeatAcceptance.evaluate(
                MasterInfo(
                    address: masterAddress, clusterID: 1, epoch: 1, backendIP: host,
                    backendID: host == "10.0.0.2" ? 10_001 : 10_002, backendUUID: uuid),
                from: masterHost, state: state, identity: identity
            ).state
        }
        return state
    }

    @Test func aMasterThatNamesItConfirmsIt() throws {
        #expect(try state([("10.0.0.2", Self.own.description)]).isConfirmed)
        #expect(try !state([("10.0.0.2", "")]).isConfirmed)
        #expect(try !state([("10.0.0.2", "7c9e6679-7425-40de-944b-e07fc1f90ae7")]).isConfirmed)
        #expect(try state([("10.0.0.2", ""), ("10.0.0.2", Self.own.description)]).isConfirmed)
    }

    @Test func aMasterThatKnowsNoUUIDsConfirmsByAddress() throws {
        #expect(try state([("10.0.0.2", nil)]).isConfirmed)
    }

    @Test func aSecondAddressChangesNothingOnceItIsConfirmed() throws {
        let state = try state([("10.0.0.2", Self.own.description), ("127.0.0.1", "")])
        #expect(state.backendHost == "10.0.0.2")
        #expect(state.backendID == 10_001)
        #expect(state.isConfirmed)
    }

    @Test func anAddressThatTheMasterMovedItToIsTakenOver() throws {
        let state = try state([("10.0.0.2", Self.own.description), ("127.0.0.1", Self.own.description)])
        #expect(state.backendHost == "127.0.0.1")
    }

    // found A4
    @Test(arguments: ["BE2.example", "be2.example.", "127.0.0.1", "10.0.0.2"])
    func anotherSpellingOfItsNameIsItsName(told: String) throws {
        var identity = Fixture.identity
        identity.localAddresses = ["127.0.0.1", "Be2.Example"]
        let transition = try HeartbeatAcceptance.evaluate(
            MasterInfo(address: masterAddress, clusterID: 1, epoch: 1, backendIP: told),
            from: masterHost, state: HeartbeatState(clusterID: nil), identity: identity)
        // As the master spells it: by that it finds its reports.
        #expect(transition.state.backendHost == told)
    }

    @Test func theReplyTellsTheUUID() {
        var identity = Fixture.identity
        identity.uuid = Self.own
        #expect(Fixture(identity: identity).heartbeat().backend.uuid == Self.own)
    }

    @Test func nothingIsUploadedBeforeAMasterConfirmedIt() throws {
        var identity = Fixture.identity
        identity.uuid = Self.own
        let fixture = Fixture(identity: identity)
        fixture.engine.set { $0.due = [DueCooldown(tabletID: 1, dataDir: "/1")] }
        fixture.node.start()
        try fixture.advance(.seconds(60))
        func told(_ uuid: String) {
            _ = fixture.node.heartbeatHandler.heartbeat(
                MasterInfo(address: masterAddress, clusterID: 1, epoch: 1, backendUUID: uuid), from: masterHost)
        }
        told("")
        try fixture.advance(.seconds(60))
        #expect(!fixture.engine.calls.contains { $0.hasPrefix("cool") })
        #expect(!fixture.node.status().isConfirmed)
        told(Self.own.description)
        // At once, not with the next round.
        try fixture.advance(.seconds(1))
        #expect(fixture.engine.calls.contains("cool 1"))
    }
}
