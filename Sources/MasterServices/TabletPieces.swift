public import ClusterMetadata
internal import HTTPAPI
public import TabletModel

/// The tablets of a new index as the journal gets them: some with what begins the index, the others in records of their own.
/// No record grows with the table, and no change keeps others waiting for long. What the index is of is in a state of its own
/// until all are there (`creating` and `restoring` of a table, `beginning` of an alter): what breaks off in between is taken
/// back, so all of it is made or none.
public struct TabletPieces: Sendable {
    private let tableID: TableID
    private let partitionID: PartitionID
    private let indexID: IndexID
    private let placements: [TabletPlacement]
    private let tabletsPerPiece: Int

    /// - Parameter tabletsPerPiece: at least 1.
    public init(
        of index: IndexID, _ partition: PartitionID, _ table: TableID, _ placements: [TabletPlacement],
        tabletsPerPiece: Int
    ) {
        tableID = table
        partitionID = partition
        indexID = index
        self.placements = placements
        self.tabletsPerPiece = tabletsPerPiece
    }

    /// In bucket order; each is made when it is asked for.
    /// - Parameter start: how many tablets the index has without them.
    public func entries(from start: Int) -> some Sequence<JournalEntry> {
        stride(from: start, to: placements.count, by: tabletsPerPiece).lazy.map { start in
            .addTablets(
                AddedTablets(
                    tableID: tableID, partitionID: partitionID, indexID: indexID,
                    placements: Array(placements[start..<min(start + tabletsPerPiece, placements.count)])))
        }
    }
}

extension MasterEnvironment {
    /// Goes on with a change that has begun, a commit for each piece, validated against all that came before it.
    /// - Parameters:
    ///   - pieces: the last of them may be what makes the change whole.
    ///   - goesOn: throws when the change was taken back meanwhile.
    /// - Throws: what `goesOn` does, or the store's refusals; the caller takes back what was begun.
    public func commit(
        pieces: some Sequence<JournalEntry>, while goesOn: (ClusterState) throws -> Void
    ) throws {
        try commit(pieces: pieces.lazy.map { [$0] }, while: goesOn)
    }

    /// The same with pieces of several records.
    public func commit(
        pieces: some Sequence<[JournalEntry]>, while goesOn: (ClusterState) throws -> Void
    ) throws {
        for piece in pieces {
            try commit { state, _ in
                try goesOn(state)
                for case .addTablets(let added) in piece { try state.requireBackends(of: added.placements) }
                return (piece, ())
            }
        }
    }
}

extension ClusterState {
    /// One that was dropped since the tablets were placed has no replicas any more, and gets none.
    fileprivate func requireBackends(of placements: [TabletPlacement]) throws(MasterError) {
        for placement in placements {
            for replica in placement.replicas where backend(replica.backendID) == nil {
                throw MasterError(
                    .conflict, "backend \(replica.backendID) was dropped while tablets were placed on it",
                    nextStep: "try again")
            }
        }
    }
}
