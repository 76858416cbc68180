internal import Checksums
internal import ClusterMetadata
internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import StorageEngine
internal import TabletModel

/// What must hold in a cluster. Each check names what it found wrong; an empty list is good.
extension SimulatedCluster {
    /// Holds at every moment, whatever is down.
    public func check() throws {
        let wrong =
            try lostRows() + uploadersPerTerm() + repeatedUploads() + missingObjects()
            + repairWrongs() + waitsWithoutReason()
        guard wrong.isEmpty else { throw SimulationFailure(seed: seed, wrong.joined(separator: "\n")) }
    }

    /// Every load that was acknowledged is visible, and its rows can be read from a majority of each tablet's replicas,
    /// all of which read the same. A replica whose backend is down counts as one that may: it is looked at when it is up.
    private func lostRows() throws -> [String] {
        guard let master = frontend.master, !frontend.plan.hasCrashed else { return [] }
        guard let table = try master.tables(inDatabase: nil).first(where: { $0.name == Self.table }) else {
            return ledger.acknowledged.isEmpty ? [] : ["the table is gone, \(ledger.acknowledged.sorted()) with it"]
        }
        // One whose creation broke off has no rows; it goes once its backends were heard.
        if table.state == "creating", ledger.acknowledged.isEmpty { return [] }
        var wrong = try columnWrongs(table.columns, master)
        let visible = try master.loads().filter { $0.state == .visible && $0.version <= table.visibleVersion }
        for label in ledger.acknowledged.sorted() where !visible.contains(where: { $0.label == label }) {
            wrong.append("load \(label) was acknowledged and is not visible")
        }
        let expected = ledger.rows(of: Set(visible.map(\.label)), in: table.columns)
        var found: RowChecksum? = RowChecksum()
        for tablet in try master.tablets(of: Self.table) {
            let (rows, problems) = agreedRows(of: tablet, at: table.visibleVersion)
            wrong += problems
            if let rows { found?.add(rows) } else { found = nil }
        }
        if let found, found != expected {
            wrong.append("version \(table.visibleVersion) reads \(found), its loads were \(expected)")
        }
        return wrong
    }

    /// What the tablet's replicas read; nil when no replica is up that can.
    private func agreedRows(of tablet: TabletView, at version: Version) -> (RowChecksum?, [String]) {
        var read: [(backend: String, rows: RowChecksum)] = []
        var failures: [String] = []
        // One that is being made counts for nothing.
        let made = tablet.replicas.filter { $0.state != "CLONE" }
        for replica in made {
            guard let backend = backend(host: replica.host), let engine = backend.engine, engine.isLoaded,
                !backend.plan.hasCrashed, !backend.mustExit
            else { continue }
            do {
                read.append((backend.name, try rows(of: tablet.id, on: backend, at: version)))
            } catch {
                failures.append("\(backend.name): \(error)")
            }
        }
        var wrong: [String] = []
        let needed = readableReplicas ?? majority(of: made.count)
        if made.count - failures.count < needed {
            wrong.append("tablet \(tablet.id) at \(version) can't be read: \(failures.joined(separator: "; "))")
        }
        if Set(read.map(\.rows)).count > 1 {
            wrong.append("replicas of tablet \(tablet.id) differ at \(version): \(read)")
        }
        return (read.first?.rows, wrong)
    }

    /// Under one term of a tablet one replica puts objects, and it is the one that its conf names.
    private func uploadersPerTerm() -> [String] {
        var uploaders: [CooldownConf: String] = [:]
        var wrong: [String] = []
        for put in objects.puts {
            if put.conf.cooldownReplicaID != put.replica {
                wrong.append("\(put.backend), replica \(put.replica), put \(put.key) under conf \(put.conf)")
            }
            let term = CooldownConf(tabletID: put.tablet, cooldownReplicaID: 0, term: put.conf.term)
            if let other = uploaders.updateValue(put.backend, forKey: term), other != put.backend {
                wrong.append("\(other) and \(put.backend) uploaded under \(put.conf)")
            }
        }
        return wrong
    }

    private func repeatedUploads() -> [String] {
        objects.stores.memoryStore(for: Self.resource).putCounts
            .filter { $0.key.hasSuffix(".dat") && $0.value > 1 }
            .sorted { $0.key < $1.key }
            .map { "\($0.key) was put \($0.value) times" }
    }

    /// Objects that a replica depends on and that are not there. Nobody keeps the files of one that the FE took out of its
    /// tablet, as long as the FE does not take it in again: its machine may have been away since; nor those of a tablet whose
    /// place another one took with a change of columns.
    private func missingObjects() throws -> [String] {
        if let master = frontend.master, !frontend.plan.hasCrashed {
            let before = registered
            registered = [:]
            for table in try master.tables(inDatabase: nil) {
                for tablet in try master.tablets(of: table.name) {
                    registered[tablet.id] = Set(tablet.replicas.map(\.id))
                }
            }
            if try master.alterViews().contains(where: { $0.state == "FINISHED" }) {
                for id in before.keys where registered[id] == nil { registered[id] = [] }
            }
        }
        let store = objects.stores.memoryStore(for: Self.resource)
        let keys = Set(store.keys)
        var wrong: [String] = []
        for backend in backends where !backend.plan.hasCrashed {
            for tablet in backend.engine?.allTablets ?? [] {
                if registered[tablet.id]?.contains(tablet.snapshot.header.replicaID) == false { continue }
                for rowset in tablet.rowsets where rowset.meta.isRemote {
                    for key in RemoteKeys.segments(of: rowset.meta) where !keys.contains(key) {
                        wrong.append("\(backend.name) needs \(key), which is not there")
                    }
                }
            }
        }
        return wrong
    }
}
