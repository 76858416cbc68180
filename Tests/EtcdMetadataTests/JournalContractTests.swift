import ClusterMetadata
import EtcdMetadata
import MetadataTestKit
import Platform
import RocksDBStore
import ServerFixtures
import Testing

/// The contract over the stores of daemons; over memory it is checked beside `KeyValueJournal`.
@Suite struct JournalContractTests {
    @Test(arguments: JournalContract.allCases) func overRocksDB(check: JournalContract) throws {
        let folder = try TemporaryFolder()
        let store = try ReopeningStore(RocksDBStoreOpener(), path: folder.path + "/journal")
        defer { store.close() }
        try check.check { KeyValueJournal(store) }
    }

    /// One etcd, a prefix for each check.
    @Test func overEtcd() throws {
        let fixture = try LogFixture()
        let client = try fixture.client()
        for check in JournalContract.allCases {
            let prefix = "/tabletd/\(check.rawValue)"
            let fence = try fixture.campaign(client, prefix: prefix)
            do {
                try check.check {
                    let journal = EtcdJournal(client, prefix: prefix)
                    _ = try journal.begin(fence)
                    return journal
                }
            } catch {
                Issue.record("\(check): \(error)")
            }
        }
    }
}
