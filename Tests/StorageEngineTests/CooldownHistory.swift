import ClusterTestKit
import Platform
import Synchronization
import TabletModel

@testable import StorageEngine

/// A random history of one tablet that cools on three backends: loads, deletes, empty versions, compactions of any rowsets, clones,
/// lost and old disks, confs that reach some backends late, refusals of the object store and wrong clocks. Whoever plays
/// it is also the FE: it sends confs and clones.
final class CooldownHistory {
    static let tablet = CloneCluster.tablet

    let seed: UInt64
    let random: SeededRandom
    let objects = MemoryObjectStoreProvider(pageSize: 5)
    let cluster: CloneCluster
    /// Rows of each version.
    private(set) var rows: [Int64: Int] = [:]
    /// Below which `n` rows of lower versions go, by version.
    private(set) var deletes: [Int64: Int] = [:]
    private(set) var last: Int64 = 1
    private(set) var conf = CooldownConf(tabletID: tablet, cooldownReplicaID: -1, term: 0)
    /// What happened, for the message of a failed seed.
    private(set) var events: [String] = []
    private var oldDisks: [Int: MemoryMachineCopy] = [:]
    private var lastErrors: [Int: String] = [:]

    var store: MemoryObjectStore { objects.memoryStore(for: ColdCluster.resource) }
    var nodes: [CloneNode] { cluster.nodes }

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        cluster = try CloneCluster(3, objects: objects)
        for node in nodes {
            try node.cooldown.policies.apply([ColdCluster.policy])
            _ = try node.engine.createTablet(.sample(Self.tablet, replica: node.replicaID, policy: "hot10"))
        }
    }

    /// What all versions up to this one hold.
    func expected(upTo version: Version) -> [String] {
        (0...max(0, version.rawValue)).flatMap { number in
            let gone = deletes.filter { $0.key > number && $0.key <= version.rawValue }.values.max() ?? 0
            return sampleRows(rows[number] ?? 0, "v\(number)").dropFirst(gone)
        }
    }

    // MARK: Trouble

    func step() throws {
        let index = Int(random.next(below: 3))
        let node = nodes[index]
        switch random.next(below: 20) {
        case 0...3: try load()
        case 4: try random.oneIn(2) ? load() : delete()
        case 5: try merge(index)
        case 6: note("compact", index) { _ = try node.engine.compact(Self.compaction, isAsked: true) }
        case 7...9: runCooldown(index)
        case 10: try cluster.time.advance(by: .seconds(Int64(random.next(below: 15))))
        case 11: try changeConf()
        case 12: deliverConf(to: index)
        case 13: repair(index)
        case 14: try loseDisk(index)
        case 15: try restart(index)
        case 16:
            note("sweep", index) {
                try node.engine.sweepStaleRowsets()
                node.cooldown.sweepRemoteGarbage()
            }
        case 17: removeUnused()
        case 18: try runCooldownWithFault(index)
        default: node.clock.setWallSkew(.seconds([0, 0, 3600, -3600][Int(random.next(below: 4))]))
        }
        try check()
    }

    private static let compaction = CompactionRequest(tabletID: tablet, kind: .cumulative)

    private func load() throws {
        last += 1
        rows[last] = random.oneIn(3) ? 0 : Int(random.next(below: 12)) + 1
        // Whoever misses it has a gap or stays behind, until it is repaired.
        let misses = random.oneIn(6) ? Int(random.next(below: 3)) : nil
        events.append("load v\(last) of \(rows[last]!) rows" + (misses.map { ", not on \($0)" } ?? ""))
        for (index, node) in nodes.enumerated() where index != misses {
            try node.load(last, count: rows[last]!)
        }
    }

    private func delete() throws {
        last += 1
        deletes[last] = Int(random.next(below: 8))
        let misses = random.oneIn(6) ? Int(random.next(below: 3)) : nil
        events.append("delete v\(last) of n < \(deletes[last]!)" + (misses.map { ", not on \($0)" } ?? ""))
        for (index, node) in nodes.enumerated() where index != misses {
            let transaction = TransactionID(last)
            _ = try node.engine.push(
                .delete(Self.tablet, transaction: transaction, DeleteCondition("n", "<", "\(deletes[last]!)")))
            _ = try node.engine.publish(.sample(transaction, Version(last)), gaps: .accept)
        }
    }

    /// Any adjacent local rowsets. A delete among them needs all before it, as before the tablet cooled.
    private func merge(_ index: Int) throws {
        let local = try nodes[index].tablet().rowsets.map(\.meta).filter { !$0.isRemote }
        guard local.count >= 2 else { return }
        let start = Int(random.next(below: UInt64(local.count - 1)))
        var end = start + 1
        while end + 1 < local.count, !random.oneIn(4) { end += 1 }
        let chosen = local[start...end]
        guard VersionSet(chosen.map(\.versions)).ranges.count == 1 else { return }
        let range = VersionRange(chosen.first!.versions.start, chosen.last!.versions.end)
        guard range.start == 0 || !chosen.contains(where: { $0.deletePredicate != nil }) else { return }
        note("merge \(range)", index) { try nodes[index].merge(range) }
    }

    private func runCooldown(_ index: Int) {
        let node = nodes[index]
        for due in node.cooldown.dueTablets(now: node.clock.wallNow) {
            attempt("cooldown", index) {
                let outcome = try node.cooldown.runOnce(due.tabletID)
                lastErrors[index] = "\(outcome)"
                return "\(outcome)"
            }
        }
    }

    private func runCooldownWithFault(_ index: Int) throws {
        let node = nodes[index]
        if random.oneIn(2) {
            node.plan.restart(.fail(Int(random.next(below: 12))))
        } else {
            let countdown = Countdown(Int(random.next(below: 12)))
            store.setHook { _ in
                guard countdown.isOver else { return }
                throw ObjectStoreError(.unavailable, operation: "any", key: "-", message: "503", isRetryable: true)
            }
        }
        runCooldown(index)
        node.plan.restart()
        store.setHook(nil)
        if node.engine.dataDirs.contains(where: { !$0.isUsable }) { try restart(index) }
    }

    private func changeConf() throws {
        let whole = try nodes.indices.filter { try nodes[$0].tablet().snapshot.maxContinuousVersion == Version(last) }
        guard !whole.isEmpty else { return }
        let uploader = whole[Int(random.next(below: UInt64(whole.count)))]
        conf = CooldownConf(
            tabletID: Self.tablet, cooldownReplicaID: nodes[uploader].replicaID, term: conf.term + 1)
        events.append("conf \(conf.term): \(uploader)")
        for index in nodes.indices where !random.oneIn(3) { deliverConf(to: index) }
    }

    private func deliverConf(to index: Int) {
        guard conf.term > 0 else { return }
        note("conf \(conf.term)", index) { _ = try nodes[index].cooldown.apply(conf) }
    }

    private func repair(_ index: Int) {
        let others = nodes.indices.filter { $0 != index }
        let request = cluster.request(upTo: Version(last), from: others, replica: nodes[index].replicaID)
        note("clone", index) { _ = try nodes[index].clones.clone(request) }
    }

    /// The disk is replaced by a new or an old one. The others hold everything, as an FE would see to.
    private func loseDisk(_ index: Int) throws {
        let isSafe = try nodes.indices.allSatisfy {
            try $0 == index || nodes[$0].tablet().snapshot.maxContinuousVersion == Version(last)
        }
        guard isSafe else { return }
        if random.oneIn(2) { return oldDisks[index] = nodes[index].machine.copy() }
        let old = oldDisks.removeValue(forKey: index)
        events.append("\(index): \(old == nil ? "new" : "old") disk")
        try nodes[index].restart(with: old)
        try nodes[index].cooldown.policies.apply([ColdCluster.policy])
        repair(index)
        deliverConf(to: index)
    }

    private func restart(_ index: Int) throws {
        events.append("\(index): restart")
        try nodes[index].restart()
    }

    /// As an FE confirms it: every replica stands on the uploader's meta, under its term.
    private func removeUnused() {
        let headers = nodes.compactMap { try? $0.tablet().header }
        guard headers.count == 3, Set(headers.map(\.cooldownMetaID)).count == 1,
            headers.allSatisfy({ $0.cooldownConf == conf && $0.cooldownMetaID != nil }),
            let node = nodes.first(where: { $0.replicaID == conf.cooldownReplicaID })
        else { return }
        note("unused", nodes.firstIndex { $0 === node }!) {
            try node.cooldown.removeUnusedRemoteFiles(node.cooldown.findUnusedRemoteFiles().map(\.tabletID))
        }
    }

    private func note(_ what: String, _ index: Int, _ body: () throws -> Void) {
        attempt(what, index) { () -> String in
            try body()
            return ""
        }
    }

    private func attempt(_ what: String, _ index: Int, _ body: () throws -> String) {
        do {
            let outcome = try body()
            events.append("\(index): \(what) \(outcome)")
        } catch {
            lastErrors[index] = "\(error)"
            events.append("\(index): \(what) failed: \(error)")
        }
    }

    // MARK: Quiet

    /// No load, no fault, clocks are right: the FE sends what is owed, backends run what they find due.
    /// - Returns: it is cold everywhere.
    func settle() throws -> Bool {
        store.setHook(nil)
        for node in nodes {
            node.plan.restart()
            node.clock.setWallSkew(.zero)
            if node.engine.dataDirs.contains(where: { !$0.isUsable }) { try node.restart() }
        }
        if conf.term == 0 {
            conf = CooldownConf(tabletID: Self.tablet, cooldownReplicaID: nodes[0].replicaID, term: 1)
        }
        events.append("quiet")
        for round in 0..<60 {
            try cluster.time.advance(by: .seconds(round < 30 ? 20 : 600))
            for index in nodes.indices {
                deliverConf(to: index)
                if try nodes[index].tablet().snapshot.maxContinuousVersion < Version(last) { repair(index) }
                runCooldown(index)
            }
            try check()
            if try isCold() { return true }
        }
        return false
    }

    private func isCold() throws -> Bool {
        let snapshots = try nodes.map { try $0.tablet().snapshot }
        guard snapshots.allSatisfy({ $0.isComplete && $0.maxVersion == Version(last) }) else { return false }
        guard rows.values.contains(where: { $0 > 0 }) || !deletes.isEmpty else { return true }
        return Set(snapshots.map(\.header.cooldownMetaID)).count == 1
            && snapshots.allSatisfy { $0.rowsets.allSatisfy { $0.meta.isRemote || !$0.meta.hasContent } }
    }

    // MARK: What must hold

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private func check() throws {
        for (index, node) in nodes.enumerated() {
            let snapshot = try node.tablet().snapshot
            let read = try readRows(node.engine, Self.tablet)
            guard read == expected(upTo: snapshot.maxContinuousVersion) else {
                throw failure("node \(index) reads \(read.count) rows at \(snapshot.maxContinuousVersion)")
            }
            let prefix = snapshot.rowsets.prefix { $0.meta.isRemote }.count
            guard !snapshot.rowsets.dropFirst(prefix).contains(where: \.meta.isRemote) else {
                throw failure("node \(index): remote rowsets are no prefix")
            }
        }
        for (key, count) in store.putCounts where key.hasSuffix(".dat") && count > 1 {
            throw failure("\(key) was put \(count) times")
        }
    }

    func failure(_ what: String) -> Failure {
        var lines = ["TABLETD_SEED=\(seed): \(what)", "last version \(last), \(conf)"]
        for (index, node) in nodes.enumerated() {
            let rowsets = ((try? node.tablet().rowsets) ?? []).map {
                "\($0.meta.versions)\($0.meta.isRemote ? "r" : "")=\($0.meta.rowCount)"
            }
            lines.append(
                "node \(index): \(rowsets.joined(separator: " ")); meta "
                    + "\((try? node.tablet().header.cooldownMetaID)?.description ?? "none"); "
                    + "\(lastErrors[index] ?? "")")
        }
        return Failure(description: (lines + events.suffix(40)).joined(separator: "\n"))
    }
}

/// Over once it was asked so often.
private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    var isOver: Bool {
        left.withLock { left in
            left -= 1
            return left < 0
        }
    }
}
