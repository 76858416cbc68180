import CThrift
import Platform
import ReportCodec
import TabletModel
import Testing

@testable import ThriftRPC

/// Every message with everything filled in, in each dialect: no field id and no value leaves that the peer's IDL lacks.
@Suite struct DialectWalkTests {
    static let years: [(WireDialect, DorisSchema)] = [(.year2023, .year2023), (.year2026, .year2026)]
    static let codes = Set<Int32>(0...110).union([4711])

    @Test func theWalkSeesWhatIsWrong() throws {
        let finish = FullValues.finish(.create, 41)
        let found = DorisSchema.year2026.violations(
            in: array(wire.encode(try finish.wireValue())), of: "TFinishTaskRequest")
        #expect(Set(found) == ["TStatus.1 = TStatusCode 41", "TTabletInfo.17", "TTabletInfo.18"])
        let create = try #require(FullValues.tasks.first)
        let older = DorisSchema.year2023.violations(in: array(wire.encode(create.wireValue)), of: "TAgentTaskRequest")
        #expect(older.contains("TTabletSchema.1000") && older.contains("TCreateTabletReq.20"))
    }

    @Test func tasks() {
        for (dialect, schema) in Self.years {
            for task in FullValues.tasks {
                guard let spoken = task.spoken(in: dialect) else { continue }
                let found = schema.violations(in: array(wire.encode(spoken.wireValue)), of: "TAgentTaskRequest")
                #expect(found == [], "\(dialect) \(task.type)")
            }
        }
    }

    /// What never goes: types the peer does not know, and rows to fetch, which end the process of a Doris BE.
    @Test func tasksThatStayHere() {
        func staying(_ dialect: WireDialect) -> [String] {
            FullValues.tasks.filter { $0.spoken(in: dialect) == nil }.map { task in
                if case .push(let push) = task.payload { "\(task.type) \(push.pushType)" } else { "\(task.type)" }
            }
        }
        let rows = ["REALTIME_PUSH LOAD_V2", "PUSH LOAD"]
        let newer = ["PUSH_STORAGE_POLICY", "CLEAN_TRASH", "UPDATE_VISIBLE_VERSION", "PUSH_INDEX_POLICY"]
        #expect(staying(.year2023) == rows + ["CHECK_STORAGE"] + newer)
        #expect(staying(.year2026) == rows + ["NOTIFY_UPDATE_STORAGE_POLICY", "CHECK_STORAGE"])
        #expect(staying(.tabletd) == [])
    }

    @Test func endsOfTasks() throws {
        for (dialect, schema) in Self.years {
            let types = TaskType.names.keys.map { FullValues.finish(TaskType(rawValue: $0), 0) }
            let codes = Self.codes.map { FullValues.finish(.create, $0) }
            for end in types + codes {
                guard let spoken = end.spoken(in: dialect) else { continue }
                let bytes = array(wire.encode(try spoken.wireValue()))
                let found = schema.violations(in: bytes, of: "TFinishTaskRequest")
                #expect(found == [], "\(dialect) \(end.type) \(end.status.code)")
            }
        }
        #expect(FullValues.finish(.pushStoragePolicy, 0).spoken(in: .year2023) == nil)
        #expect(FullValues.finish(.notifyUpdateStoragePolicy, 0).spoken(in: .year2026) == nil)
    }

    @Test func reports() throws {
        for (dialect, schema) in Self.years {
            for report in FullValues.reports {
                let bytes = try ReportEncoder.bytes(of: report.spoken(in: dialect))
                #expect(schema.violations(in: bytes, of: "TReportRequest") == [], "\(dialect)")
            }
        }
    }

    @Test func heartbeats() {
        for (dialect, schema) in Self.years {
            let master = array(wire.encode(FullValues.master.spoken(in: dialect).wireValue))
            #expect(schema.violations(in: master, of: "TMasterInfo") == [])
            for code in Self.codes {
                var result = wire.THeartbeatResult()
                FullValues.heartbeatReply(code).spoken(in: dialect).write(to: &result)
                let found = schema.violations(in: array(wire.encode(result)), of: "THeartbeatResult")
                #expect(found == [], "\(dialect) \(code)")
            }
        }
        // Who is there is not known yet: it may be of any year.
        let first = array(wire.encode(FullValues.master.spoken(in: nil).wireValue))
        for (_, schema) in Self.years { #expect(schema.violations(in: first, of: "TMasterInfo") == []) }
    }

    @Test func answersToAnyone() {
        for code in Self.codes {
            let status = array(wire.encode(RPCStatus(StatusCode(rawValue: code), "text").spokenToAnyone.wireValue))
            for (_, schema) in Self.years { #expect(schema.violations(in: status, of: "TStatus") == [], "\(code)") }
        }
    }

    @Test func policiesOfOneWhoAsks() {
        let rules = StorageRules(
            policies: [FullValues.policy], resources: [FullValues.resource], droppedResources: [1])
        var result = wire.TGetStoragePolicyResult()
        rules.spoken(in: .year2023).write(to: &result)
        let found = DorisSchema.year2023.violations(in: array(wire.encode(result)), of: "TGetStoragePolicyResult")
        #expect(found == [])
    }

    /// Through a server: only a backend that says it is ours gets what is ours.
    @Test func policiesThroughAServer() throws {
        let rules = StorageRules(
            policies: [FullValues.policy], resources: [FullValues.resource], droppedResources: [1])
        try withFrontendServer(FrontendRecorder(rules: rules)) { server throws in
            let connection = ThriftMasterConnector().connection(to: .local(server.boundPort))
            #expect(try connection.refreshStoragePolicies(in: .tabletd).rules == rules)
            let older = try connection.refreshStoragePolicies(in: .year2023).rules
            #expect(older == rules.spoken(in: .year2023) && older.resources == [])
        }
    }

    /// Between our own nothing is lost but what has another form there.
    @Test func ourOwnHearEverything() {
        for task in FullValues.tasks {
            var expected = task
            switch task.payload {
            case .create(var request):
                request.storagePolicyID = nil
                expected.payload = .create(request)
            case .updateTabletMeta(var updates):
                updates[0].storagePolicyID = nil
                expected.payload = .updateTabletMeta(updates)
            default: break
            }
            #expect(task.spoken(in: .tabletd) == expected)
        }
        for code in Self.codes {
            let end = FullValues.finish(.create, code)
            #expect(end.spoken(in: .tabletd)?.status == end.status)
        }
    }

    @Test func aSubstituteIsInEveryDialect() {
        for code in Array(DialectTable.substitutes.values) + [DialectTable.lastResort] {
            for dialect in WireDialect.allCases { #expect(dialect.has(StatusCode(rawValue: code))) }
        }
    }
}
