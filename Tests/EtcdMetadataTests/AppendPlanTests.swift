import ClusterMetadata
import Testing

@testable import EtcdMetadata

@Suite struct AppendPlanTests {
    private func plan(_ entries: [JournalEntry], _ limits: AppendPlan.Limits = AppendPlan.Limits()) throws -> AppendPlan
    {
        try AppendPlan(entries.map { try EncodedEntry($0) }, behind: 10, term: 1, limits: limits)
    }

    private func firsts(_ plan: AppendPlan) -> [[Int64]] { plan.transactions.map { $0.map(\.first) } }

    @Test func aSmallAppendIsOneBatch() throws {
        let plan = try plan([.setEpoch(1), .setEpoch(2)])
        #expect(firsts(plan) == [[11]])
        #expect(plan.last == 12 && plan.bytes > 0)
        #expect(try self.plan([]).transactions.isEmpty)
    }

    @Test func aBatchHasAThousandEntriesAtMost() throws {
        #expect(firsts(try plan((0..<2001).map { .setEpoch($0) })) == [[11, 1011, 2011]])
    }

    @Test func transactionsStayBelowTheLimits() throws {
        let entries = (1...20).map { JournalEntry.setEpoch($0) }
        let record = try EncodedEntry(entries[0]).record(logID: 1).count + 4
        // Three records a batch, one batch a transaction.
        let limits = AppendPlan.Limits(
            valueBytes: LogBatch.headBytes + 3 * record + 2, recordBytes: 1000, batchesPerTransaction: 4)
        #expect(firsts(try plan(entries, limits)) == [[11], [14], [17], [20], [23], [26], [29]])
        let many = (0..<5000).map { JournalEntry.setEpoch($0) }
        let few = AppendPlan.Limits(valueBytes: 1 << 20, recordBytes: 1000, batchesPerTransaction: 2)
        #expect(firsts(try plan(many, few)) == [[11, 1011], [2011, 3011], [4011]])
    }

    @Test func anEntryThatEtcdCannotTakeIsNamed() throws {
        let error = #expect(throws: JournalAppendError.self) {
            try plan([.setEpoch(1), .dropPolicy(String(repeating: "x", count: 1_600_000))])
        }
        #expect("\(try #require(error))".contains("\(OperationCode.dropPolicy)"))
        guard case .refused? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
