import ClusterTestKit
import Platform
import TabletModel

@testable import ClusterMetadata

/// Random tablets and replicas: mostly as a quiet cluster has them, or with anything in any member.
struct TabletRows {
    let random: SeededRandom
    /// One in so many members is an extreme; 0: none.
    var extremes: UInt64 = 0

    private func number(_ usual: Int64) -> Int64 {
        guard extremes > 0, random.next(below: extremes) == 0 else { return usual }
        return [Int64.max, .min, -1, 0, 1, .max - 1, 1 << 32, -(1 << 40)][Int(random.next(below: 8))]
    }

    private func small(_ limit: UInt64) -> Int64 { Int64(random.next(below: limit)) }

    func tablet(_ id: TabletID) -> Tablet {
        var tablet = Tablet(
            id: id, tableID: TableID(number(1)), partitionID: PartitionID(number(2)), indexID: IndexID(number(3)))
        tablet.cooldownReplicaID = ReplicaID(number(-1))
        tablet.cooldownTerm = number(-1)
        return tablet
    }

    func replica(_ id: Int64, on backend: BackendID) -> Replica {
        var replica = Replica(id: ReplicaID(id), backendID: backend, versions: ReplicaVersions(version: 5))
        change(&replica)
        return replica
    }

    func change(_ replica: inout Replica) {
        replica.versions.version = Version(number(5 + small(2)))
        replica.versions.lastSuccess = Version(number(replica.versions.version.rawValue))
        replica.versions.lastFailed = Version(number(-1))
        replica.isBad = extremes > 0 && random.oneIn(5)
        replica.state = extremes > 0 ? Replica.State.allCases[Int(small(5))] : .normal
        replica.isReported = true
        replica.dataSizeBytes = number(small(1 << 32))
        replica.remoteSizeBytes = number(0)
        replica.rowCount = number(small(1 << 24))
        replica.pathHash = number(small(3))
        replica.versionCount = Int32(truncatingIfNeeded: number(small(20)))
        replica.reportedCooldownReplicaID = ReplicaID(number(-1))
        replica.reportedCooldownTerm = number(-1)
        replica.cooldownMetaID = random.oneIn(5) ? UniqueID(high: number(7), low: number(9)) : nil
    }

    /// A report's row that says something new of the replica's sizes.
    func row(_ tablet: TabletID) -> TabletReportRow {
        var row = TabletReportRow(tabletID: tablet, schemaHash: 7, version: 5)
        row.dataSizeBytes = number(small(1 << 32))
        row.rowCount = number(small(1 << 24))
        row.pathHash = number(small(3))
        row.versionCount = number(small(20))
        return row
    }
}

extension TabletIndex {
    mutating func insert(_ tablet: Tablet, replicas: [Replica]) {
        var rows = TabletChunk()
        rows.append(tablet, replicas)
        insert(rows)
    }

    /// Where each chunk lies in memory.
    var addresses: [UnsafePointer<UInt64>] { chunks.map { $0.withReader { $0.words } } }
}
