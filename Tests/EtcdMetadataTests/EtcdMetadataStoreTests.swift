import ClusterMetadata
import EtcdMetadata
import MetadataTestKit
import ServerFixtures
import TabletModel
import Testing

/// A frontend's metadata over the log in etcd: image in its own folder, edits in etcd.
@Suite struct EtcdMetadataStoreTests {
    @Test func aFrontendThatStartsAnewHasWhatWasCommitted() throws {
        let fixture = try LogFixture()
        let machine = MetadataMachine()
        let store = try machine.open(journal: try fixture.master())
        for number in 1...3 { try store.commit([.setEpoch(Int64(number))]) }
        _ = try store.checkpoint()
        for number in 4...6 { try store.commit([.setEpoch(Int64(number))]) }
        _ = try store.checkpoint()
        try store.commit([.setEpoch(7)])
        #expect(try EtcdJournal(try fixture.client(), prefix: LogFixture.prefix).truncatedLogID == 3)

        machine.crash()
        let again = try machine.open(journal: try fixture.master())
        #expect(again.lastLogID == 7)
        #expect(again.read { $0.epoch } == 7)
        try again.commit([.setEpoch(8)])
        #expect(try fixture.entries(from: 7) == [.setEpoch(7), .setEpoch(8)])
    }

    @Test func withoutAQuorumChangesWaitForTheirSettlement() throws {
        let fixture = try LogFixture(members: 3)
        let store = try MetadataMachine().open(journal: try fixture.master())
        try store.commit([.setEpoch(1)])
        for member in 1...2 { fixture.etcd.freeze(member) }
        let clock = ContinuousClock()
        let start = clock.now
        let error = #expect(throws: MetadataError.self) { try store.commit([.setEpoch(2)]) }
        guard case .outcomeUnknown? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(clock.now - start < .seconds(3))
        // Reads go on, and further changes are refused at once.
        #expect(store.read { $0.epoch } == 1)
        guard case .unwritable? = #expect(throws: MetadataError.self, performing: { try store.commit([.setEpoch(3)]) })
        else {
            Issue.record("not refused")
            return
        }
        for member in 1...2 { fixture.etcd.thaw(member) }
        var settlement: MetadataSettlement?
        while settlement == nil { settlement = try? store.settle() }
        #expect(settlement?.isDurable == true)
        #expect(store.read { $0.epoch } == 2)
        try store.commit([.setEpoch(3)])
        #expect(try fixture.entries() == [.setEpoch(1), .setEpoch(2), .setEpoch(3)])
    }

    /// An empty etcd beside an image is no new cluster.
    @Test func aFrontendWhoseEtcdLostAllDoesNotStart() throws {
        let fixture = try LogFixture()
        let machine = MetadataMachine()
        let store = try machine.open(journal: try fixture.master())
        try store.commit([.setEpoch(1), .setEpoch(2)])
        _ = try store.checkpoint()
        try fixture.etcd.wipe()
        machine.crash()
        let journal = EtcdJournal(try fixture.client(deadline: .seconds(20)), prefix: LogFixture.prefix)
        #expect(throws: JournalError.behindImage(last: 0, image: 2)) { try machine.open(journal: journal) }
    }
}
