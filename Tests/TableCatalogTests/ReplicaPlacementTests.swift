import TabletModel
import Testing

@testable import TableCatalog

@Suite struct ReplicaPlacementTests {
    private func backend(_ id: BackendID, host: String, replicas: Int = 0, used: Int = 0) -> ReplicaPlacement.Candidate
    {
        ReplicaPlacement.Candidate(id: id, host: host, replicaCount: replicas, usedPermille: used)
    }

    @Test func replicasOfATabletGoToDifferentHosts() throws {
        let candidates = [
            backend(1, host: "a"), backend(2, host: "a"), backend(3, host: "b"), backend(4, host: "c"),
        ]
        let hosts = Dictionary(uniqueKeysWithValues: candidates.map { ($0.id, $0.host) })
        let placed = try ReplicaPlacement(allowsSameHost: false).place(buckets: 16, replicas: 3, on: candidates)
        #expect(placed.count == 16)
        for tablet in placed { #expect(Set(tablet.map { hosts[$0] }).count == 3) }
    }

    @Test func loadIsSpreadEvenly() throws {
        let candidates = (1...5).map { backend(BackendID(Int64($0)), host: "h\($0)") }
        let placed = try ReplicaPlacement(allowsSameHost: false).place(buckets: 50, replicas: 3, on: candidates)
        var counts: [BackendID: Int] = [:]
        for id in placed.joined() { counts[id, default: 0] += 1 }
        #expect(Set(counts.values) == [30])
    }

    @Test func emptierBackendsComeFirst() throws {
        let candidates = [
            backend(1, host: "a", replicas: 9), backend(2, host: "b", replicas: 3, used: 800),
            backend(3, host: "c", replicas: 3, used: 100),
        ]
        #expect(try ReplicaPlacement(allowsSameHost: false).place(buckets: 1, replicas: 2, on: candidates) == [[3, 2]])
    }

    @Test func sharedHostsAreUsedOnlyWhenAllowedAndNeeded() throws {
        let candidates = [backend(1, host: "a"), backend(2, host: "a"), backend(3, host: "b", replicas: 50)]
        #expect(throws: ReplicaPlacement.Failure.notEnoughHosts(wanted: 3, found: 2)) {
            try ReplicaPlacement(allowsSameHost: false).place(buckets: 1, replicas: 3, on: candidates)
        }
        let relaxed = ReplicaPlacement(allowsSameHost: true)
        #expect(try relaxed.place(buckets: 1, replicas: 2, on: candidates) == [[1, 3]])
        #expect(try relaxed.place(buckets: 1, replicas: 3, on: candidates) == [[1, 3, 2]])
    }

    @Test func tooFewBackendsAreRefused() {
        #expect(throws: ReplicaPlacement.Failure.notEnoughBackends(wanted: 3, found: 1)) {
            try ReplicaPlacement(allowsSameHost: true).place(buckets: 1, replicas: 3, on: [backend(1, host: "a")])
        }
    }
}
