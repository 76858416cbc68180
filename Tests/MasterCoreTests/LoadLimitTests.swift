import ClusterTestKit
import HTTPAPI
import TabletModel
import Testing

@testable import DataLoading
@testable import MasterCore
@testable import MasterServices

@Suite struct LoadLimitTests {
    @Test func aFileAboveTheLimitAbortsItsLoad() throws {
        let cluster = try FlowCluster { $0.maxLoadBytes = 8 }.ready()
        #expect(try cluster.load("fits", "a,1\nb,2\n").state == .visible)
        let id = try cluster.beginLoad("large", "a,1\nb,2\n")
        let error = #expect(throws: MasterError.self) { try cluster.append("c", to: id) }
        #expect(error?.code == .tooLarge && error?.nextStep.contains("load_max_bytes") == true)
        #expect(try cluster.master.load(id).state == .aborted)
    }

    @Test func runningLoadsShareTheSpool() throws {
        let cluster = try FlowCluster { $0.spoolLimitBytes = 12 }.ready()
        let first = try cluster.beginLoad("first", "a,1\nb,2\n")
        let second = try cluster.beginLoad("second", "c,3\n")
        let error = #expect(throws: MasterError.self) { try cluster.append("d", to: second) }
        #expect(error?.code == .unavailable && error?.nextStep.contains("load_spool_limit_bytes") == true)
        #expect(try cluster.master.load(second).state == .aborted)
        // What the aborted load took is free again.
        try cluster.append("e,5\n", to: first)
    }

    // found D3
    @Test func anEndedLoadLeavesMemoryLongBeforeItsTimeout() throws {
        let cluster = try FlowCluster().ready()
        let id = try cluster.beginLoad("long", timeoutMs: 86_400_000)
        weak let session = cluster.master.loadManager.session(id)
        #expect(session != nil)
        _ = try cluster.master.abortLoad(id, reason: "not wanted any more")
        // The figures of the newest hundred are remembered.
        for number in 0..<100 {
            _ = try cluster.master.abortLoad(try cluster.beginLoad("other-\(number)"), reason: "not wanted either")
        }
        #expect(session == nil)
    }

    @Test func eachLoadIsAbortedAtItsOwnDeadline() throws {
        let cluster = try FlowCluster().ready()
        let late = try cluster.beginLoad("late", timeoutMs: 60_000)
        let early = try cluster.beginLoad("early", timeoutMs: 20_000)
        let middle = try cluster.beginLoad("middle", timeoutMs: 40_000)
        for overdue in [early, middle, late] {
            try cluster.scheduler.advance(by: .seconds(19))
            #expect(try cluster.master.load(overdue).state == .receiving)
            try cluster.scheduler.advance(by: .seconds(1))
            #expect(try cluster.master.load(overdue).state == .aborted)
        }
    }

    @Test(arguments: [0, -1, 259_200_001, Int64.max]) func aTimeoutOutOfRangeIsRefused(timeoutMs: Int64) throws {
        let cluster = try FlowCluster().ready()
        let error = #expect(throws: MasterError.self) { try cluster.beginLoad("odd", timeoutMs: timeoutMs) }
        #expect(error?.code == .invalidArgument)
    }
}

extension FlowCluster {
    fileprivate func beginLoad(_ label: String, timeoutMs: Int64? = nil) throws -> TransactionID {
        try master.beginLoad(BeginLoadRequest(table: Self.table, label: label, timeoutMs: timeoutMs)).transactionID
    }

    fileprivate func append(_ text: String, to id: TransactionID) throws {
        try Array(text.utf8).withUnsafeBytes { try master.appendToLoad(id, $0) }
    }
}
