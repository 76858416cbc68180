import BackendCore
import Platform
import StorageEngine
import Synchronization
import TabletModel
import Testing

/// Whose words the master understands is learnt from each heartbeat, and everything that leaves is said in them.
@Suite struct DialectTests {
    @Test func aHeartbeatTellsWhoItIs() {
        var master = MasterInfo(address: masterAddress, clusterID: 1, epoch: 1, flags: 1)
        #expect(WireDialect(of: master) == .year2023)
        master.frontends = []
        #expect(WireDialect(of: master) == .year2026)
        master.flags = 1 | WireDialect.frontendFlag
        #expect(WireDialect(of: master) == .tabletd)
        // A build of ours before the flag.
        master.flags = 1
        master.backendUUID = ""
        #expect(WireDialect(of: master) == .tabletd)
    }

    @Test func anUpgradeAndTheWayBackAreFollowed() throws {
        let fixture = try Fixture.running(under: .year2023)
        for (epoch, dialect) in [(Int64(2), WireDialect.year2026), (3, .tabletd), (4, .year2023)] {
            fixture.master.set { $0.reports = [] }
            fixture.heartbeat(epoch: epoch, speaking: dialect)
            try fixture.run()
            #expect(fixture.master.reports("disk").map(\.report.dialect) == [dialect])
        }
        #expect(fixture.engine.state.withLock { $0.dialects } == [.year2023, .year2026, .tabletd, .year2023])
    }

    /// Without a new epoch, too: an FE of 2026 may know its frontends only after its first heartbeats.
    @Test func aChangeOfWordsAloneMakesReportsDue() throws {
        let fixture = try Fixture.running(under: .year2023)
        fixture.heartbeat(speaking: .year2026)
        try fixture.run()
        #expect(fixture.master.reports("tablet").count == 1)
    }

    @Test func aSettingIsNotLearntAway() throws {
        var options = BackendOptions()
        options.wireDialect = .year2023
        let fixture = try Fixture.running(options, under: .tabletd)
        fixture.heartbeat(speaking: .year2026)
        try fixture.advance(.seconds(70))
        #expect(Set(fixture.master.reports("disk").map(\.report.dialect)) == [.year2023])
    }

    @Test func eachYearHearsItsOwn() throws {
        let engine = RecordingEngine()
        engine.set { $0.knownRules = KnownRules(policies: [5: 1], resources: [6: 2]) }
        var identity = Fixture.identity
        identity.cores = 12
        for dialect in WireDialect.allCases {
            let fixture = Fixture(engine: engine, identity: identity)
            fixture.node.start()
            fixture.heartbeat(speaking: dialect)
            try fixture.run()
            let disks = try #require(fixture.master.reports("disk").first?.report)
            let is2026 = dialect == .year2026
            #expect(disks.rules == (is2026 ? KnownRules(policies: [5: 1], resources: [6: 2]) : nil))
            #expect(disks.load == (is2026 ? .cores(12) : nil))
            #expect((disks.storage != nil) == (dialect == .tabletd))
            #expect((disks.processStart != nil) == (dialect == .tabletd))
            #expect(fixture.master.reports("task").first?.report.load == (is2026 ? .runningTasks(0) : nil))
            #expect(fixture.master.reports("tablet").first?.report.load == (is2026 ? .tabletCount(0) : nil))
            // Asked for by the others; an FE of 2026 has no such method.
            #expect((fixture.master.state.withLock { $0.policyCalls } == 0) == is2026)
        }
    }

    @Test(arguments: [true, false]) func everyEndOfAPublishNamesTheTabletsThatHaveTheVersion(isOK: Bool) throws {
        for (dialect, expected) in [
            (WireDialect.year2026, [TabletID(7): Version(2)]), (.year2023, nil), (.tabletd, nil),
        ] {
            let fixture = try Fixture.running(under: dialect)
            fixture.engine.set { state in
                state.publishedTablets = [7: 2, 8: 2]
                state.failures["publish 4"] = isOK ? nil : TaskError(.notFound, "gone")
                state.publishOutcomes = [PublishOutcome(failures: [.init(tabletID: 8, error: .unknownTablet(8))])]
            }
            _ = fixture.submit(.publish(4))
            try fixture.run()
            let end = try #require(fixture.master.finishes.first)
            let all: [TabletID: Version]? = expected == nil ? nil : isOK ? expected : [7: 2, 8: 2]
            #expect(end.succeededTablets == all)
        }
    }

    /// 41 can't be read by an FE of 2026: the call would fail for ever.
    @Test func aStatusThatTheMasterDoesNotKnowIsSaidInOneThatItDoes() throws {
        for (dialect, code) in [(WireDialect.year2026, StatusCode.internalError), (.tabletd, .serviceUnavailable)] {
            let fixture = try Fixture.running(under: dialect)
            fixture.engine.set { $0.failures["create 1"] = TaskError(.serviceUnavailable, "still loading") }
            _ = fixture.submit(.create(1))
            try fixture.run()
            #expect(fixture.master.finishes.map(\.status) == [RPCStatus(code, "still loading")])
        }
    }

    @Test func anIntroductionConfirmsNobody() throws {
        var identity = Fixture.identity
        identity.uuid = BackendUUID(text: "01234567-89ab-cdef-0123-456789abcdef")
        try #require(identity.uuid != nil)
        let fixture = Fixture(identity: identity)
        fixture.node.start()
        // Our FE, which does not know yet whom it meets: it has said nothing of uuids.
        let reply = fixture.heartbeat(speaking: .tabletd)
        #expect(reply.backend.uuid == identity.uuid)
        #expect(!fixture.node.status().isConfirmed)
        // An FE that knows no uuids knows a backend by its address alone.
        #expect(fixture.heartbeat(speaking: .year2023).backend.uuid == nil)
        #expect(fixture.node.status().isConfirmed)
    }

    @Test func pushedRulesReachTheEngineAndMakeReportsDue() throws {
        let fixture = try Fixture.running(under: .year2026)
        let rules = PushedRules(policies: [PushedPolicy(id: 5, name: "p", version: 1)], droppedPolicies: [4])
        _ = fixture.submit(AgentTask(type: .pushStoragePolicy, signature: -1, payload: .pushedRules(rules)))
        try fixture.run()
        #expect(fixture.engine.state.withLock { $0.pushedRules } == [rules])
        #expect(fixture.master.reports("disk").count == 1)
        #expect(fixture.master.finishes.map(\.status) == [.ok])
    }
}
