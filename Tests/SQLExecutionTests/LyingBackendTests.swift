import HTTPAPI
import TabletModel
import Testing

@testable import SQLExecution

/// Tables of what backends tell of themselves, which may be anything.
@Suite struct LyingBackendTests {
    private static let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 40, .max - 1, .max]

    @Test(arguments: extremes) func disksOfAnySize(total: Int64) {
        for available in Self.extremes {
            for used in Self.extremes {
                let disk = DiskView(
                    rootPath: "/d", pathHash: 1, medium: "HDD", totalBytes: total, availableBytes: available,
                    dataUsedBytes: used, remoteUsedBytes: used, trashUsedBytes: used, isOnline: true, state: "good",
                    stateReason: "", stateSinceMs: used)
                let backend = Self.backend(1, used, [disk, disk])
                let table = BackendsTable.table([backend], [])
                #expect(table.rows.allSatisfy { $0.count == table.columns.count })
                #expect(BackendsTable.disks(backend).rows.count == 2)
            }
        }
    }

    private static func backend(_ id: BackendID, _ number: Int64, _ disks: [DiskView]) -> BackendView {
        BackendView(
            id: id, host: "h", heartbeatPort: 1, bePort: 1, httpPort: 1, isAlive: true, isDecommissioned: false,
            version: "", lastStartMs: number, lastHeartbeatMs: number, heartbeatError: "", failingSinceMs: 0,
            reportLateMs: 0, uuid: "", warnings: [], tabletCount: number, queuedTasks: 0, lastTabletReportMs: number,
            lastDiskReportMs: 0, disks: disks)
    }

    @Test func replicasOfAnySize() {
        let backends = [Self.backend(1, 0, []), Self.backend(2, 0, [])]
        for bytes in Self.extremes {
            for other in Self.extremes {
                let shares: [BackendID: ReplicaTables.Share] = [
                    1: .init(replicas: 1, bytes: bytes), 2: .init(replicas: 1, bytes: other),
                ]
                #expect(ReplicaTables.distribution(shares, backends).rows.count == 2)
                #expect(DorisTexts.percent(bytes, of: other).hasSuffix(" %"))
                #expect(!DorisTexts.size(bytes).isEmpty)
                _ = DorisTexts.time(bytes)
            }
        }
    }
}
