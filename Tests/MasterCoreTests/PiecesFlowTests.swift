import HTTPAPI
import TabletModel
import Testing

@testable import ClusterMetadata
@testable import MasterCore
@testable import MasterServices

/// A change of several commits, and what others do between them.
@Suite struct PiecesFlowTests {
    private let cluster: FlowCluster
    private let table: Table

    init() throws {
        cluster = try FlowCluster().ready()
        table = try #require(cluster.master.environment.store.snapshot().tables.first)
    }

    private var environment: MasterEnvironment { cluster.master.environment }
    private var state: ClusterState { environment.store.snapshot() }

    /// Commits two more tablets of the table a record each, with something in between.
    private func add(while goesOn: (ClusterState) throws -> Void, happens: @escaping () throws -> Void) throws {
        let backends = state.backends.map(\.id)
        let end = state.idBatchEnd
        let placements = (0..<2).map { tablet in
            TabletPlacement(
                tabletID: TabletID(end + tablet),
                replicas: backends.map {
                    .init(replicaID: ReplicaID(end + 100 * (tablet + 1) + $0.rawValue), backendID: $0)
                })
        }
        let partition = table.partitions[0]
        let pieces = TabletPieces(
            of: partition.indexes[0].id, partition.id, table.id, placements, tabletsPerPiece: 1)
        // Asked for when the one before is written.
        let entries = sequence(state: Array(pieces.entries(from: 0))) { left -> JournalEntry? in
            guard !left.isEmpty else { return nil }
            if left.count == 1 {
                do { try happens() } catch { Issue.record(error) }
            }
            return left.removeFirst()
        }
        try environment.commit(pieces: entries, while: goesOn)
    }

    @Test func eachPieceIsValidatedAgainstWhatCameBeforeIt() throws {
        let gone = MasterError(.notFound, "it is gone", nextStep: "begin again")
        let isThere: (ClusterState) throws -> Void = { [table] in if $0.table(table.id) == nil { throw gone } }
        let refused = #expect(throws: MasterError.self) {
            try add(while: isThere) {
                try cluster.master.dropTable(FlowCluster.table)
            }
        }
        #expect(refused?.code == .notFound)
        #expect(state.tables.isEmpty && state.tablets.count == 0)
    }

    @Test func aBackendThatWasDroppedMeanwhileGetsNoReplica() throws {
        let backend = try #require(state.backends.last?.id)
        let refused = #expect(throws: MasterError.self) {
            try add(while: { _ in }) {
                try environment.commit([.dropBackend(backend)])
            }
        }
        #expect(refused?.code == .conflict)
        #expect(state.tables[0].partitions[0].indexes[0].tabletIDs.count == 5)
        #expect(state.tablets.tablets(on: backend).isEmpty)
    }
}
