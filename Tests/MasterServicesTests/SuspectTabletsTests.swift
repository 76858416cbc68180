import ClusterMetadata
import TabletModel
import Testing

@testable import MasterServices

@Suite struct SuspectTabletsTests {
    @Test func theyAreTakenOnceAndInOrder() {
        let suspects = SuspectTablets()
        suspects.add([3, 1, 2, 1])
        #expect(suspects.take() == [1, 2, 3])
        #expect(suspects.take().isEmpty)
    }

    @Test func aFullListForgetsWhatComesLast() {
        let suspects = SuspectTablets()
        suspects.add((1...Int64(SuspectTablets.limit) + 5).map { TabletID($0) })
        #expect(suspects.take().count == SuspectTablets.limit)
    }

    /// What a change may leave short, and what it can't.
    @Test func changesNameTheirSuspects() {
        let key = ReplicaKey(tabletID: 7, backendID: 2)
        #expect(JournalEntry.deleteReplica(key).suspectTablets == [7])
        let added = JournalEntry.addReplica(8, NewReplica(id: 1, backendID: 2, versions: .init(version: 1)))
        #expect(added.suspectTablets == [8])
        #expect(JournalEntry.dropTable(5).suspectTablets.isEmpty)
    }
}
