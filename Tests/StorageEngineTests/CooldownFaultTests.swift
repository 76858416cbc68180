import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Every I/O operation of an uploader's and of a follower's run fails or takes the machine down, in turn; afterwards the
/// invariants hold, a restart finishes or undoes what was begun, and nothing is leaked.
@Suite("Cooldown under faults")
struct CooldownFaultTests {
    enum Kind: String, CaseIterable, Sendable {
        case fail, failAfter, failFrom, crashBefore, crashAfter

        func fault(_ index: Int) -> FaultPlan.Fault {
            switch self {
            case .fail: .fail(index)
            case .failAfter: .failAfter(index)
            case .failFrom: .failFrom(index)
            case .crashBefore: .crashBefore(index)
            case .crashAfter: .crashAfter(index)
            }
        }
    }

    private static let rows = sampleRows(16)

    @Test("of the uploader", arguments: Kind.allCases)
    func uploader(kind: Kind) throws {
        try sweep(kind) { cluster in cluster.nodes[0] }
    }

    @Test("of a follower", arguments: Kind.allCases)
    func follower(kind: Kind) throws {
        try sweep(kind) { cluster in
            _ = try cluster.nodes[0].cooldown.runOnce(1)
            return cluster.nodes[1]
        }
    }

    @Test("of an uploader that is older than its own remote meta", arguments: Kind.allCases)
    func adoption(kind: Kind) throws {
        try sweep(kind) { cluster in
            _ = try cluster.nodes[0].cooldown.runOnce(1)
            let id = cluster.nodes[0].replicaID
            try cluster.nodes[1].tablet.commit(
                TabletChange(editHeader: { header in
                    header.replicaID = id
                    header.cooldownMetaID = UniqueID(high: 7, low: 7)
                }))
            return cluster.nodes[1]
        }
    }

    // found B1
    @Test("of a follower that cuts a rowset at the remote end", arguments: Kind.allCases)
    func cut(kind: Kind) throws {
        let more = sampleRows(8, "more")
        try sweep(kind, rows: Self.rows + more) { cluster in
            _ = try cluster.nodes[0].cooldown.runOnce(1)
            try cluster.load(more)
            let node = cluster.nodes[1]
            try cluster.mergeAll(node)
            #expect(node.tablet.rowsets.map(\.meta.versions) == [VersionRange(0, 4)])
            return node
        }
    }

    /// `prepare` brings the cluster to where the run of the node it returns is due.
    private func sweep(
        _ kind: Kind, rows: [String] = Self.rows, prepare: (ColdCluster) throws -> ColdNode
    ) throws {
        var index = 0
        while true {
            let cluster = try ColdCluster(nodes: 2, loads: [Array(Self.rows[..<8]), Array(Self.rows[8...])])
            try cluster.push(cluster.conf(0, term: 1))
            try cluster.time.advance(by: .seconds(20))
            let node = try prepare(cluster)
            node.plan.restart(kind.fault(index))
            // A failed run throws, an untouched one does not; both leave the invariants standing.
            let failure = Result { try node.cooldown.runOnce(1) }
            let wasTouched = node.plan.wasTouched
            let comment: Comment = "\(kind) \(index): \(node.plan.touchedOperation?.description ?? "-"), \(failure)"
            if !node.plan.hasCrashed, index % 2 == 0 {
                // Goes on in the same process as far as it can.
                node.plan.restart()
                try cluster.checkAlways(rows: rows, comment)
                _ = Result { try node.cooldown.runOnce(1) }
                try cluster.checkAlways(rows: rows, comment)
            }
            try node.crashAndRestart(index % 3 == 0 ? .seeded(UInt64(index)) : .everything)
            try cluster.checkAlways(rows: rows, comment)
            try cluster.settle()
            for node in cluster.nodes { #expect(node.cooldown.sweepRemoteGarbage().left == 0, comment) }
            try cluster.checkAlways(rows: rows, comment)
            try cluster.checkCold(comment)
            for node in cluster.nodes { #expect(node.records(MetaKeys.remoteRowsetGarbage) == 0, comment) }
            if !wasTouched { break }
            index += 1
        }
        #expect(index > 5)
    }

    @Test("a cluster whose bucket fails at random still becomes cold, whole and without leaks", arguments: 0..<40)
    func randomFaults(seed: Int) throws {
        let cluster = try ColdCluster(nodes: 3, loads: [Array(Self.rows[..<8]), Array(Self.rows[8...])])
        let random = SeededRandom(seed: UInt64(seed))
        let (store, operations) = (cluster.store, SeededRandom(seed: UInt64(seed) + 1000))
        var term: Int64 = 1
        try cluster.push(cluster.conf(Int(random.next(below: 3)), term: term))
        store.setHook { _ in
            if operations.oneIn(4) {
                throw ObjectStoreError(.unavailable, operation: "any", key: "-", message: "503", isRetryable: true)
            }
        }
        for _ in 0..<12 {
            try cluster.time.advance(by: .seconds(20))
            for node in cluster.nodes {
                _ = Result { try node.cooldown.runOnce(1) }
                if random.oneIn(5) { try node.crashAndRestart(.seeded(random.next())) }
            }
            if random.oneIn(4) {
                term += 1
                let conf = cluster.conf(Int(random.next(below: 3)), term: term)
                // Some hear of it late.
                for node in cluster.nodes where !random.oneIn(3) { _ = try node.cooldown.apply(conf) }
            }
            // Readers see faults too; they read again.
            store.setHook(nil)
            try cluster.checkAlways(rows: Self.rows, "seed \(seed)")
            store.setHook { _ in
                if operations.oneIn(4) {
                    throw ObjectStoreError(.unavailable, operation: "any", key: "-", message: "503", isRetryable: true)
                }
            }
        }
        store.setHook(nil)
        let uploader = Int(random.next(below: 3))
        try cluster.push(cluster.conf(uploader, term: term + 1))
        try cluster.settle()
        for node in cluster.nodes { #expect(node.cooldown.sweepRemoteGarbage().left == 0) }
        try removeUnused(cluster, uploader: uploader)
        try cluster.checkAlways(rows: Self.rows, "seed \(seed)")
        try cluster.checkCold("seed \(seed)")
        #expect(store.keys.count { $0.hasSuffix(".meta") } == 1)
    }
}
