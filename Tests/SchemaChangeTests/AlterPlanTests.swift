import HTTPAPI
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import SchemaChange

/// How the begin of an alter is journaled: a large one in pieces, and none of them alone is an alter that goes on.
@Suite struct AlterPlanTests {
    private static let table: TableID = 3
    private static let request = AlterTableRequest(action: .addColumn, column: "n", type: "INT")

    /// A table of so many tablets on three living backends of ours.
    private static func state(tablets: Int) -> ClusterState {
        var state = ClusterState()
        state.apply(.saveNextID(end: 1_000_000))
        state.apply(.createDatabase(Database(id: 2, name: "db")))
        for id in 10..<13 as Range<Int64> {
            var backend = Backend(id: BackendID(id), host: "10.0.0.\(id)", heartbeatPort: 9050)
            backend.version = "tabletd-test"
            backend.dialect = .tabletd
            state.apply(.addBackend(backend))
            state.updateStatus(of: backend.id) { $0.isAlive = true }
        }
        let placements = (0..<tablets).map { tablet in
            TabletPlacement(
                tabletID: TabletID(Int64(1000 + tablet)),
                replicas: (10..<13 as Range<Int64>).map {
                    .init(replicaID: ReplicaID(Int64(100_000 + tablet) * 10 + $0), backendID: BackendID($0))
                })
        }
        let index = MaterializedIndex(id: 5, schemaHash: 76, tabletIDs: placements.map(\.tabletID))
        state.apply(
            .createTable(
                Table(
                    id: table, databaseID: 2, name: "t", state: .normal, delimiter: UInt8(ascii: ","),
                    hasHeader: false, columns: TableColumn.text(["a", "b"]), distributionColumn: 0,
                    bucketCount: Int32(tablets), replicationCount: 3, createdAt: UnixTime(seconds: 1),
                    partitions: [Partition(id: 4, name: "t", visibleVersion: 7, indexes: [index])]), placements))
        return state
    }

    private static func plan(_ state: ClusterState, tabletsPerPiece: Int) throws -> (AlterPlan, [JournalEntry]) {
        var ids = IDAllocator(next: 500_000)
        let table = try #require(state.table(table))
        let plan = try AlterPlan(
            ColumnChange(request, of: table), of: table, in: state, now: UnixTime(seconds: 2),
            tabletsPerPiece: tabletsPerPiece, &ids)
        return (plan, [plan.first] + plan.others)
    }

    private static func cancelled(_ plan: AlterPlan) -> JournalEntry {
        .cancelAlter(
            EndedAlter(
                id: plan.alter.id, tableID: table, database: "db", table: "t", description: "", isFinished: false,
                startedAt: UnixTime(seconds: 2), endedAt: UnixTime(seconds: 3)))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7]) func inPiecesItIsWhatItIsInOne(tabletsPerPiece: Int) throws {
        let state = Self.state(tablets: 6)
        let (plan, entries) = try Self.plan(state, tabletsPerPiece: tabletsPerPiece)
        #expect(entries.count == (tabletsPerPiece >= 6 ? 1 : 2 + (6 + tabletsPerPiece - 1) / tabletsPerPiece))
        var (whole, pieces) = (state, state)
        for entry in try Self.plan(state, tabletsPerPiece: 6).1 { whole.apply(entry) }
        for (count, entry) in entries.enumerated() {
            pieces.apply(entry)
            let alter = try #require(pieces.table(Self.table)?.alter)
            #expect(alter.state == (count == entries.count - 1 ? .pending : .beginning))
            // Nobody has to do with it until it is whole.
            #expect(pieces.table(Self.table)?.readableTabletIDs == state.table(Self.table)?.readableTabletIDs)
            #expect(pieces.table(Self.table)?.tablets(ofLoad: 900_000).all.count == 6)
        }
        #expect(pieces.table(Self.table) == whole.table(Self.table))
        let tablets = try #require(whole.table(Self.table)?.partitions[0].shadowIndex?.tabletIDs)
        #expect(tablets.count == 6)
        for tablet in tablets {
            #expect(pieces.tablets.tablet(tablet) == whole.tablets.tablet(tablet))
            let replicas = pieces.tablets.replicas(of: tablet)
            #expect(replicas == whole.tablets.replicas(of: tablet) && replicas.count == 3)
            #expect(replicas.allSatisfy { $0.state == .alter && $0.versions.version == .initial })
        }
        pieces.apply(Self.cancelled(plan))
        #expect(pieces.table(Self.table) == state.table(Self.table) && pieces.tablets.count == 6)
        #expect(pieces.endedAlters.map(\.id) == [plan.alter.id])
    }

    /// Whatever comes between two of its records, the rest of them changes nothing.
    @Test(arguments: 0...5) func whatTakesItBackMayComeBetweenAnyTwoRecords(place: Int) throws {
        let state = Self.state(tablets: 6)
        let (plan, entries) = try Self.plan(state, tabletsPerPiece: 2)
        #expect(entries.count == 5)
        var cancelled = state
        for entry in entries[..<place] { cancelled.apply(entry) }
        cancelled.apply(Self.cancelled(plan))
        for entry in entries[max(place, 1)...] { cancelled.apply(entry) }
        #expect(cancelled.table(Self.table) == state.table(Self.table) && cancelled.tablets.count == 6)
        // One that never began is nobody's to remember.
        #expect(cancelled.endedAlters.count == (place == 5 ? 1 : 0))
        for gone in [JournalEntry.dropTable(Self.table), .dropDatabase(2)] {
            var dropped = state
            for entry in entries[..<place] { dropped.apply(entry) }
            dropped.apply(gone)
            for entry in entries[place...] { dropped.apply(entry) }
            #expect(dropped.table(Self.table) == nil && dropped.tablets.count == 0)
        }
    }

    @Test func noRecordGrowsWithTheTable() throws {
        func largest(_ tablets: Int) throws -> Int {
            let entries = try Self.plan(Self.state(tablets: tablets), tabletsPerPiece: 8).1
            return try entries.map { try EncodedEntry($0).record(logID: 1).count }.max() ?? 0
        }
        let one = try largest(8)
        for tablets in [9, 24, 400] { #expect(try largest(tablets) <= one) }
    }
}
