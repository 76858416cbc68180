import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct StateReplicaTests {
    @Test func flagsDoNotTouchEachOther() {
        var replica = Replica(
            id: 5, backendID: Replica.maxBackendID, versions: ReplicaVersions(version: 3), isBad: true,
            state: .decommission)
        replica.isReportedMissing = true
        #expect(replica.backendID == Replica.maxBackendID)
        #expect(replica.isBad)
        #expect(replica.state == .decommission)
        replica.isBad = false
        replica.state = .clone
        #expect(replica.isReportedMissing)
        #expect(!replica.isReported && !replica.isReportCurrent)
        #expect(replica.state == .clone)
    }

    /// What a report says is kept as far as it can be, and is then no change when the next one says it again.
    @Test(arguments: [Int64(70_000), 1 << 40, .max, -1, .min])
    func whatAReportSaysIsTakenOnce(versionCount: Int64) {
        var replica = Replica(id: 5, backendID: 1, versions: ReplicaVersions(version: 3))
        var row = TabletReportRow(tabletID: 1, schemaHash: 7, version: 3)
        row.versionCount = versionCount
        #expect(!replica.matchesFacts(of: row))
        replica.takeFacts(of: row)
        #expect(replica.matchesFacts(of: row))
        #expect(replica.versionCount == Int32(clamping: versionCount))
    }
}
