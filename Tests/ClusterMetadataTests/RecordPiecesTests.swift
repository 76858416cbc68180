import ClusterTestKit
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

/// A change whose list grows with a table, in records of a few elements: the same change.
@Suite struct RecordPiecesTests {
    @Test(arguments: UInt64(1)...20) func inPiecesEveryEntryIsTheSameChange(seed: UInt64) throws {
        var generator = StateEntryGenerator(seed: seed)
        var pieces = ClusterState()
        for entry in generator.entries(300) {
            let records = entry.records(of: 1)
            // Again, as a replay from an older image does.
            for record in records + records { pieces.apply(record) }
        }
        #expect(try pieces.durableBytes() == generator.state.durableBytes())
    }

    @Test func listsThatFitAreOneRecord() {
        var generator = StateEntryGenerator(seed: 5)
        for entry in generator.entries(500) { #expect(entry.records(of: 5) == [entry]) }
    }

    private static func keys(_ count: Int64) -> [ReplicaKey] {
        (0..<count).map { ReplicaKey(tabletID: TabletID(10_020 + $0), backendID: 10_004) }
    }

    private static func load(_ state: Transaction.State, without count: Int64) -> Transaction {
        var load = WellMetadata.transaction(10_031, state: state, version: 3)
        load.failedReplicas = keys(count)
        return load
    }

    @Test func noRecordGrowsWithItsList() throws {
        func largest(_ count: Int64) throws -> Int {
            let entries: [JournalEntry] = [
                .upsertTransaction(Self.load(.visible, without: count)),
                .updateReplicas(
                    Self.keys(count).map {
                        ReplicaUpdate(key: $0, versions: ReplicaVersions(version: 3), isBad: false)
                    }),
                .pushCooldownConf(
                    Self.keys(count).map { CooldownConf(tabletID: $0.tabletID, cooldownReplicaID: 9, term: 2) }),
                .removeTransactions((0..<count).map { TransactionID(10_031 + $0) }),
                .olderMetadataSettled(OlderSettlement(tables: (0..<count).map { TableID(10_031 + $0) })),
            ]
            let records = entries.flatMap { $0.records(of: 50) }
            return try records.map { try EncodedEntry($0).record(logID: 1).count }.max() ?? 0
        }
        let one = try largest(50)
        for count in [51, 100, 5000] as [Int64] { #expect(try largest(count) <= one * 11 / 10) }
    }

    /// Cut after each of its records, which no append does and `truncate-after` can: the load is what it was until the last, and
    /// what comes next of it counts.
    @Test(arguments: 0...3) func aLoadIsWhatItWasUntilItsLastRecord(cut: Int) throws {
        var state = ClusterState()
        for entry in [.upsertTransaction(Self.load(.prepared, without: 0))] as [JournalEntry] { state.apply(entry) }
        let records = JournalEntry.upsertTransaction(Self.load(.committed, without: 5)).records(of: 2)
        #expect(records.count == 4)
        for record in records[..<cut] { state.apply(record) }
        #expect(state.transaction(10_031)?.state == .prepared)
        #expect(state.transaction(10_031)?.failedReplicas == [])
        var (later, aborted) = (state, state)
        for record in JournalEntry.upsertTransaction(Self.load(.committed, without: 3)).records(of: 2) {
            later.apply(record)
        }
        #expect(later.transaction(10_031) == Self.load(.committed, without: 3))
        aborted.apply(.upsertTransaction(Self.load(.aborted, without: 0)))
        #expect(aborted.transaction(10_031) == Self.load(.aborted, without: 0))
        for record in records[cut...] { state.apply(record) }
        #expect(state.transaction(10_031) == Self.load(.committed, without: 5))
    }

    /// Through the store: one append, which a restart finds whole or not at all.
    @Test(arguments: [true, false]) func aLongListIsOneAppend(isWritten: Bool) throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        try store.commit([.upsertTransaction(Self.load(.prepared, without: 0))])
        machine.plan.restart(isWritten ? .crashAfter(0) : .crashBefore(0))
        let count = Int64(2 * JournalEntry.elementsPerRecord + 1)
        #expect(throws: (any Error).self) {
            try store.commit([.upsertTransaction(Self.load(.committed, without: count))])
        }
        machine.crash()
        let known = try machine.open().snapshot().transaction(10_031)
        #expect(known == (isWritten ? Self.load(.committed, without: count) : Self.load(.prepared, without: 0)))
    }
}
