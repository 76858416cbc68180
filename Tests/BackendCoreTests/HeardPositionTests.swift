import BackendCore
import Platform
import TabletModel
import Testing

/// What a backend remembers of its master's metadata (found A3).
@Suite struct HeardPositionTests {
    private func heartbeat(
        _ fixture: Fixture, _ position: MetadataPosition?, judged: MetadataPosition? = nil, cluster: Int32 = 1
    ) -> HeartbeatReply {
        var master = MasterInfo(
            address: masterAddress, clusterID: cluster, epoch: 1, token: "t", flags: 1 | WireDialect.frontendFlag)
        master.position = position
        master.judgedPosition = judged
        return fixture.node.heartbeatHandler.heartbeat(master, from: masterHost)
    }

    @Test func itIsToldInTheNextAnswerAndWrittenDown() throws {
        let fixture = Fixture()
        let first = MetadataPosition(epoch: 1, life: 7, logID: 10, idEnd: 20_001)
        let later = MetadataPosition(epoch: 1, life: 7, logID: 12, idEnd: 20_001)
        #expect(heartbeat(fixture, first).backend.heardPosition == nil)
        #expect(heartbeat(fixture, later).backend.heardPosition == first)
        #expect(heartbeat(fixture, nil).backend.heardPosition == later)
        try fixture.run()
        #expect(fixture.engine.heardPosition == later)
        // A new process has it from the engine, before any heartbeat.
        let again = Fixture(engine: fixture.engine)
        #expect(heartbeat(again, nil).backend.heardPosition == later)
    }

    @Test func anotherLifesPositionStaysUntilTheMasterHasJudgedIt() throws {
        let fixture = Fixture()
        let old = MetadataPosition(epoch: 5, life: 7, logID: 90, idEnd: 20_001)
        let new = MetadataPosition(epoch: 4, life: 8, logID: 30, idEnd: 12_001)
        _ = heartbeat(fixture, old)
        for _ in 0..<3 { #expect(heartbeat(fixture, new).backend.heardPosition == old) }
        #expect(heartbeat(fixture, new, judged: old).backend.heardPosition == old)
        #expect(heartbeat(fixture, new).backend.heardPosition == new)
        // A refusal tells it too, and changes nothing.
        let refused = heartbeat(fixture, old, judged: new, cluster: 2)
        #expect(!refused.status.isOK && refused.backend.heardPosition == new)
        try fixture.run()
        #expect(fixture.engine.heardPosition == new)
    }
}
