internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import StorageEngine
internal import StoredFormats
internal import TabletModel

/// What must hold of the cooldown: at every moment (`waitsWithoutReason`), and once nothing is wrong any more.
extension SimulatedCluster {
    /// Tablets that wait for something that nobody says, or since nobody knows when.
    func waitsWithoutReason() -> [String] {
        backends.filter { !$0.plan.hasCrashed }.flatMap { backend -> [String] in
            guard let cooldown = backend.cooldown, let engine = backend.engine else { return [] }
            return engine.allTablets.compactMap { tablet in
                guard let wait = cooldown.wait(of: tablet.id) else { return nil }
                guard wait.reason.description.isEmpty || wait.since.milliseconds <= 0 else { return nil }
                return "tablet \(tablet.id) on \(backend.name) waits since \(wait.since) for \(wait.reason)"
            }
        }
    }

    /// Healed, cold, on one prefix, and the object store holds what that needs and nothing else.
    public func waitUntilSettled(limit: Duration = .seconds(7200)) throws {
        try heal(limit: limit)
        try waitUntilCold(limit: limit)
        try waitUntilAligned(limit: limit)
        try waitUntilOnlyNamedObjectsAreLeft(limit: limit)
        try converge()
    }

    /// All replicas of each tablet stand on what its uploader wrote last.
    public func waitUntilAligned(limit: Duration = .seconds(2400)) throws {
        var last: [String] = []
        let aligns = try runToRest(limit: limit) {
            guard unrest.isEmpty, let master = frontend.master else { return false }
            last = try master.tablets(of: Self.table).flatMap { try unaligned($0) }
            return last.isEmpty
        }
        guard aligns else {
            throw SimulationFailure(
                seed: seed, "followers do not align: \(last.joined(separator: "; ")); \(unrest); \(waits())")
        }
        try check()
    }

    private func unaligned(_ tablet: TabletView) throws -> [String] {
        guard tablet.replicas.contains(where: { $0.rowCount > 0 }) else { return [] }
        let name = "tablet \(tablet.id)"
        guard let uploader = tablet.replicas.first(where: { $0.id == tablet.cooldownReplicaID }) else {
            return ["\(name) has no uploader"]
        }
        guard let meta = remoteMeta(of: tablet) else { return ["\(name) has no remote meta of its uploader"] }
        var wrong: [String] = []
        if "\(meta.cooldownMetaID)" != uploader.cooldownMetaID {
            wrong.append("\(name): its uploader has another meta id")
        }
        for replica in tablet.replicas {
            if replica.reportedCooldownTerm != tablet.cooldownTerm {
                wrong.append("\(name): replica \(replica.id) has term \(replica.reportedCooldownTerm)")
            }
            if replica.cooldownMetaID != uploader.cooldownMetaID {
                wrong.append("\(name): replica \(replica.id) stands on \(replica.cooldownMetaID ?? "nothing")")
            }
        }
        return wrong + names(of: meta, tablet)
    }

    /// What the newest remote meta of a tablet says; nil when there is none.
    func remoteMeta(of tablet: TabletView) -> RemoteCooldownMeta? {
        let key = RemoteKeys.meta(conf(of: tablet))
        guard let bytes = objects.stores.memoryStore(for: Self.resource).bytes(key) else { return nil }
        return bytes.withUnsafeBytes { try? RemoteCooldownMeta(decoding: $0, name: key) }
    }

    private func conf(of tablet: TabletView) -> CooldownConf {
        CooldownConf(
            tabletID: tablet.id, cooldownReplicaID: tablet.cooldownReplicaID, term: tablet.cooldownTerm)
    }

    /// The meta was written by its own replica alone, and each object that it names is there and was put by one backend.
    private func names(of meta: RemoteCooldownMeta, _ tablet: TabletView) -> [String] {
        let there = Set(objects.stores.memoryStore(for: Self.resource).keys)
        var putters: [String: Set<String>] = [:]
        for put in objects.puts where put.tablet == tablet.id { putters[put.key, default: []].insert(put.backend) }
        let keys = [RemoteKeys.meta(conf(of: tablet))] + meta.rowsets.flatMap { RemoteKeys.segments(of: $0) }
        return keys.compactMap { key in
            if !there.contains(key) { return "\(key) is named, and not there" }
            let by = putters[key, default: []]
            return by.count == 1 ? nil : "\(key) was put by \(by.sorted())"
        }
    }

    /// What nothing names was deleted.
    public func waitUntilOnlyNamedObjectsAreLeft(limit: Duration = .seconds(2400)) throws {
        var left: [String] = []
        let isClean = try runToRest(limit: limit) {
            guard unrest.isEmpty, let master = frontend.master else { return false }
            var named: Set<String> = []
            for tablet in try master.tablets(of: Self.table) {
                guard let meta = remoteMeta(of: tablet) else { continue }
                named.insert(RemoteKeys.meta(conf(of: tablet)))
                for rowset in meta.rowsets { named.formUnion(RemoteKeys.segments(of: rowset)) }
            }
            left = objects.stores.memoryStore(for: Self.resource).keys.filter { !named.contains($0) }
            return left.isEmpty
        }
        guard isClean else {
            throw SimulationFailure(
                seed: seed, "unused objects are left: \(left.joined(separator: " ")); \(unrest); \(waits())")
        }
        try check()
    }

    /// What the backends say that their tablets wait for.
    private func waits() -> String {
        backends.flatMap { backend in
            (backend.cooldown?.longestWaits(limit: 10) ?? []).map {
                "\(backend.name) tablet \($0.tabletID): \($0.reason)"
            }
        }.joined(separator: "; ")
    }
}
