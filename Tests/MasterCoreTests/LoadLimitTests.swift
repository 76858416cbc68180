import ClusterTestKit
import TabletModel
import Testing

@testable import MasterCore

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
}

extension FlowCluster {
    fileprivate func append(_ text: String, to id: TransactionID) throws {
        try Array(text.utf8).withUnsafeBytes { try master.appendToLoad(id, $0) }
    }
}
