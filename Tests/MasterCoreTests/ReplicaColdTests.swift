import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterServices
@testable import TabletReports

@Suite struct ReplicaColdTests {
    private func replica(at version: Version) -> Replica {
        Replica(id: 1, backendID: 2, versions: ReplicaVersions(version: version))
    }

    private func row(_ version: Version, rows: Int64, local: Int64, remote: Int64, meta: Bool) -> TabletReportRow {
        var row = TabletReportRow(tabletID: 3, schemaHash: 4, version: version)
        row.rowCount = rows
        row.dataSizeBytes = local
        row.remoteDataSizeBytes = remote
        row.cooldownMetaID = meta ? UniqueID(high: 1, low: 2) : nil
        return row
    }

    @Test func coldMeansThatNothingIsLocalAnyMore() {
        var replica = replica(at: 2)
        #expect(!replica.isCold(hasPolicy: true))
        replica.takeFacts(of: row(2, rows: 5, local: 100, remote: 0, meta: false))
        #expect(!replica.isCold(hasPolicy: true))
        replica.takeFacts(of: row(2, rows: 5, local: 0, remote: 100, meta: true))
        #expect(replica.isCold(hasPolicy: true) && !replica.isCold(hasPolicy: false))
    }

    @Test func aTabletWithoutRowsLeavesNothingBehind() {
        var replica = replica(at: 2)
        replica.takeFacts(of: row(2, rows: 0, local: 0, remote: 0, meta: false))
        #expect(replica.isCold(hasPolicy: true))
    }

    @Test func factsOfAnOlderVersionSayNothingOfTheNewest() {
        var replica = replica(at: 1)
        replica.takeFacts(of: row(1, rows: 0, local: 0, remote: 0, meta: false))
        replica.versions = ReplicaVersions(version: 2)
        #expect(!replica.isCold(hasPolicy: true))
        let stale = row(1, rows: 0, local: 0, remote: 0, meta: false)
        replica.takeFacts(of: stale)
        #expect(!replica.isCold(hasPolicy: true) && replica.matchesFacts(of: stale))
        let fresh = row(2, rows: 0, local: 0, remote: 0, meta: false)
        #expect(!replica.matchesFacts(of: fresh))
        replica.takeFacts(of: fresh)
        #expect(replica.isCold(hasPolicy: true))
    }
}
