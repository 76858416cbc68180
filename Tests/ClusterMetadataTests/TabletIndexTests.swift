import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct TabletIndexTests {
    /// What the index should hold, in plain dictionaries.
    private struct Model {
        var tablets: [TabletID: Tablet] = [:]
        var replicas: [TabletID: [BackendID: Replica]] = [:]

        func expect(_ index: TabletIndex, _ place: SourceLocation = #_sourceLocation) {
            #expect(index.count == tablets.count, sourceLocation: place)
            #expect(index.replicaCount == replicas.values.reduce(0) { $0 + $1.count }, sourceLocation: place)
            var seen: [TabletID] = []
            index.forEach { tablet, held in
                seen.append(tablet.id)
                let wanted = replicas[tablet.id].map { $0.values.sorted { $0.id < $1.id } }
                #expect(Array(held) == wanted, sourceLocation: place)
                let known = tablets[tablet.id]
                #expect(tablet.cooldownConf == known?.cooldownConf, sourceLocation: place)
                #expect(tablet.tableID == known?.tableID && tablet.indexID == known?.indexID, sourceLocation: place)
            }
            #expect(seen == tablets.keys.sorted(), sourceLocation: place)
            for backend in (0..<5).map({ BackendID(Int64($0)) }) {
                let wanted = replicas.filter { $0.value[backend] != nil }.keys.sorted()
                #expect(Array(index.tablets(on: backend)) == wanted, sourceLocation: place)
                #expect(index.tablets(on: backend).count == wanted.count, sourceLocation: place)
            }
        }
    }

    private struct Run {
        let rows: TabletRows
        var index = TabletIndex()
        var model = Model()
        var nextReplica: Int64 = 1

        var random: SeededRandom { rows.random }
        var anyTablet: TabletID { TabletID(Int64(random.next(below: 900))) }
        var anyBackend: BackendID { BackendID(Int64(random.next(below: 5))) }

        mutating func replica(on backend: BackendID) -> Replica {
            nextReplica += 1
            return rows.replica(nextReplica, on: backend)
        }

        mutating func step() {
            switch random.next(below: 10) {
            case 0, 1: insert()
            case 2:
                let (id, replica) = (anyTablet, replica(on: anyBackend))
                index.insertReplica(replica, of: id)
                if model.tablets[id] != nil { model.replicas[id, default: [:]][replica.backendID] = replica }
            case 3:
                let key = ReplicaKey(tabletID: anyTablet, backendID: anyBackend)
                index.removeReplica(key)
                model.replicas[key.tabletID]?[key.backendID] = nil
            case 4: removeMany()
            case 5: takeConfs()
            case 6: takeFacts()
            default: changeReplicas()
            }
        }

        private mutating func insert() {
            var added = TabletChunk()
            var id = anyTablet.rawValue
            for _ in 0..<(1 + random.next(below: random.oneIn(9) ? 300 : 3)) {
                id += 1 + Int64(random.next(below: 3))
                guard id < 900 else { break }
                let tablet = rows.tablet(TabletID(id))
                var held: [BackendID: Replica] = [:]
                for backend in (0..<random.next(below: 4)).map({ BackendID(Int64($0)) }) {
                    held[backend] = replica(on: backend)
                }
                added.append(tablet, held.values)
                model.tablets[tablet.id] = tablet
                model.replicas[tablet.id] = held
            }
            index.insert(added)
        }

        private mutating func removeMany() {
            if random.oneIn(20) {
                let backend = anyBackend
                index.removeReplicas(on: backend)
                for id in model.replicas.keys { model.replicas[id]?[backend] = nil }
            }
            guard random.oneIn(4) else { return }
            let from = anyTablet
            let step = Int64(1 + random.next(below: 2))
            let gone = (0..<Int64(random.next(below: 300))).map { TabletID(from.rawValue + $0 * step) }
            index.remove(ascending: gone)
            for id in gone {
                model.tablets[id] = nil
                model.replicas[id] = nil
            }
        }

        private mutating func takeConfs() {
            let confs = (0..<random.next(below: 30)).map { _ in
                CooldownConf(
                    tabletID: anyTablet, cooldownReplicaID: ReplicaID(Int64(random.next(below: 99))),
                    term: Int64(random.next(below: 20)))
            }
            index.edit { editor in for conf in confs { editor.take(conf) } }
            for conf in confs {
                guard let known = model.tablets[conf.tabletID], conf.term > known.cooldownTerm else { continue }
                model.tablets[conf.tabletID]?.cooldownReplicaID = conf.cooldownReplicaID
                model.tablets[conf.tabletID]?.cooldownTerm = conf.term
            }
        }

        private mutating func takeFacts() {
            let (backend, from) = (anyBackend, anyTablet.rawValue)
            let facts = (0..<Int64(random.next(below: 200))).map { rows.row(TabletID(from + $0)) }
            facts.withUnsafeBufferPointer { index.takeFacts(of: $0, from: backend) }
            for row in facts { model.replicas[row.tabletID]?[backend]?.takeFacts(of: row) }
        }

        private mutating func changeReplicas() {
            let ids = (0..<(1 + random.next(below: 20))).map { _ in anyTablet }
            let backend = anyBackend
            for id in ids {
                guard var new = model.replicas[id]?[backend] else { continue }
                rows.change(&new)
                model.replicas[id]?[backend] = new
                index.edit { editor in editor.replica(ReplicaKey(tabletID: id, backendID: backend)) { $0 = new } }
            }
            var bad: [ReplicaKey] = []
            index.edit { editor in
                for id in ids.sorted() {
                    editor.health(of: id) { backend, health in
                        health.isBad.toggle()
                        bad.append(ReplicaKey(tabletID: id, backendID: backend))
                    }
                }
            }
            for key in bad { model.replicas[key.tabletID]?[key.backendID]?.isBad.toggle() }
        }
    }

    @Test(arguments: UInt64(1)...4, [UInt64(0), 30, 3])
    func theIndexAgreesWithPlainDictionariesUnderRandomChanges(seed: UInt64, extremes: UInt64) {
        var run = Run(rows: TabletRows(random: SeededRandom(seed: seed), extremes: extremes))
        var snapshots: [(TabletIndex, Model)] = []
        for step in 0..<1000 {
            run.step()
            if step % 150 == 0 {
                run.model.expect(run.index)
                snapshots.append((run.index, run.model))
            }
        }
        run.model.expect(run.index)
        // Changes since have not reached them.
        for (index, model) in snapshots { model.expect(index) }
        var cursor = TabletCursor(run.index)
        for id in (0..<900).map({ TabletID(Int64($0)) }) {
            let isFound = cursor.seek(id)
            #expect(isFound == (run.model.tablets[id] != nil))
            #expect(run.index.contains(id) == isFound)
            #expect(run.index.replicas(of: id).count == run.model.replicas[id]?.count ?? 0)
            guard isFound, let held = run.model.replicas[id] else { continue }
            #expect(cursor.replicaCount == held.count)
            for backend in (0..<5).map({ BackendID(Int64($0)) }) {
                #expect(cursor.replica(on: backend) == held[backend])
                #expect(run.index.replica(ReplicaKey(tabletID: id, backendID: backend)) == held[backend])
            }
        }
    }

    private func quietIndex(tablets: Int64) -> (TabletIndex, TabletRows) {
        let rows = TabletRows(random: SeededRandom(seed: 1))
        var added = TabletChunk()
        for id in 0..<tablets {
            added.append(rows.tablet(TabletID(id)), (0..<3).map { rows.replica(id * 4 + $0, on: BackendID($0)) })
        }
        var index = TabletIndex()
        index.insert(added)
        return (index, rows)
    }

    @Test func factsThatAreEqualAreNotWritten() {
        var (index, rows) = quietIndex(tablets: 2000)
        let facts = (0..<2000).map { rows.row(TabletID($0)) }
        facts.withUnsafeBufferPointer { index.takeFacts(of: $0, from: 1) }
        let snapshot = index
        facts.withUnsafeBufferPointer { index.takeFacts(of: $0, from: 1) }
        #expect(index.addresses == snapshot.addresses)
    }

    @Test func aChangeCopiesItsChunkAlone() {
        var (index, rows) = quietIndex(tablets: 2000)
        let snapshot = index
        [rows.row(700)].withUnsafeBufferPointer { index.takeFacts(of: $0, from: 1) }
        let differing = zip(index.addresses, snapshot.addresses).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        #expect(differing == [700 / TabletChunk.tabletLimit])
    }

    @Test func aChangeInPlaceCopiesNothing() {
        var (index, _) = quietIndex(tablets: 2000)
        let before = index.addresses
        // Any size below the greatest of the chunk has its place.
        index.edit { $0.replica(ReplicaKey(tabletID: 700, backendID: 1)) { $0.dataSizeBytes /= 2 } }
        #expect(index.addresses == before)
    }

    @Test func chunksFillUpWhereIDsAscendAndStayBoundedElsewhere() {
        var (index, rows) = quietIndex(tablets: 1000)
        #expect(index.chunks.dropLast().allSatisfy { $0.tabletCount == TabletChunk.tabletLimit })
        for id in Int64(1000)..<1400 {
            index.insert(rows.tablet(TabletID(id)), replicas: [rows.replica(9_000 + id, on: 1)])
        }
        #expect(index.chunks.dropLast().allSatisfy { $0.tabletCount == TabletChunk.tabletLimit })
        for backend in Int64(10)..<40 {
            for id in Int64(0)..<100 {
                index.insertReplica(rows.replica(backend * 100_000 + id, on: BackendID(backend)), of: TabletID(id))
            }
        }
        #expect(index.chunks.allSatisfy { $0.replicaCount <= TabletChunk.replicaLimit })
        #expect(index.replicas(of: 5).count == 33)
    }

    /// Ids have any value.
    @Test func theGreatestAndTheLeastIDAreFound() {
        var index = TabletIndex()
        for id in [TabletID(.max), TabletID(.min), 0] {
            index.insert(Tablet(id: id, tableID: 1, partitionID: 1, indexID: 1), replicas: [])
        }
        for id in [TabletID(.max), TabletID(.min), 0] { #expect(index.contains(id)) }
        #expect(!index.contains(1) && !index.contains(TabletID(.max - 1)))
    }
}
