import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct StateReplicaTests {
    @Test func packedMembersDoNotTouchEachOther() {
        var replica = Replica(
            id: 5, backendID: Replica.maxBackendID, versions: ReplicaVersions(version: 3), isBad: true,
            state: .decommission)
        replica.versionCount = 70_000
        #expect(replica.versionCount == 65_535)
        replica.versionCount = 12
        replica.isReportedMissing = true
        #expect(replica.backendID == Replica.maxBackendID)
        #expect(replica.isBad)
        #expect(replica.state == .decommission)
        replica.isBad = false
        replica.state = .clone
        #expect(replica.versionCount == 12)
        #expect(replica.isReportedMissing)
        #expect(!replica.isReported)
        #expect(replica.state == .clone)
        #expect(replica.backendID == Replica.maxBackendID)
    }

    @Test func aReplicaIsSmall() {
        // 143 bytes a replica all in, at three replicas a tablet, come from these two.
        #expect(MemoryLayout<Replica>.stride == 104)
        #expect(MemoryLayout<Tablet>.stride == 56)
    }
}
