import ClusterTestKit
import Platform
import StoredFormats
import TabletModel
import Testing

@testable import StorageEngine

/// What changes in the moments between a move's looks at the tablet.
@Suite struct MigrationOverlapTests {
    private static let isSyncOfTheCopies: @Sendable (FaultOperation) -> Bool = {
        $0.name == "sync folder" && $0.target.hasSuffix("/migration/1/7")
    }

    /// A publish makes a rowset visible before it is pending no more.
    @Test func aRowsetThatIsVisibleAndStillPendingIsCopiedOnce() throws {
        let node = try MigrationFixture()
        let engine = node.engine
        let entry = try #require(engine.pending.entries(of: 1).first)
        _ = try engine.publish(.sample(MigrationFixture.pendingTransaction, 6))
        engine.pending.put(entry)
        let id = entry.pending.rowset.id
        node.fixture.interruption.before(skipping: 0, Self.isSyncOfTheCopies) {
            engine.pending.remove(entry.key)
        }
        node.fixture.plan.restart()
        try node.migrate()
        let created = node.fixture.plan.trace.filter { $0.name == "create" }.map(\.target)
        for index in entry.pending.rowset.segments.indices {
            #expect(created.count { $0.hasSuffix(DataDirLayout.segmentName(id, index)) } == 1)
        }
        #expect(try readRows(engine, 1) == node.loaded.rows + MigrationFixture.pendingRows)
        try node.checkClean()
    }

    /// Rowsets that go when all is copied don't come along: a load that is cleared, stale ones that have expired.
    @Test(arguments: ["clear", "expire"]) func whatGoesAfterItWasCopiedIsNotPublished(kind: String) throws {
        let node = try MigrationFixture()
        let (engine, time) = (node.engine, node.fixture.time)
        let before = node.fixture.segmentFiles.count
        node.fixture.interruption.before(skipping: 0, Self.isSyncOfTheCopies) {
            #expect(throws: Never.self) {
                switch kind {
                case "clear":
                    try engine.clearTransaction(
                        ClearTransactionRequest(transactionID: MigrationFixture.pendingTransaction))
                default:
                    try time.advance(by: engine.options.staleRowsetExpiry + .seconds(1))
                    try engine.sweepTrash(all: false)
                }
            }
        }
        try node.migrate()
        #expect(!node.fixture.interruption.cancel())
        #expect(try readRows(engine, 1) == node.loaded.rows)
        #expect(node.fixture.segmentFiles.count < before)
        try node.checkClean()
    }
}
