import TabletModel
import Testing

@testable import StorageEngine

@Suite("Cooldown decisions")
struct CooldownDecisionTests {
    private let policy = StoragePolicyEntry(name: "p", cooldownTTLSeconds: 100)

    private func rowset(
        _ start: Int64, _ end: Int64, rows: Int64 = 1, written: Int64 = 0, remote: Bool = false, id: UInt64? = nil
    ) -> RowsetMeta {
        RowsetMeta(
            id: RowsetID(high: 2 << 56, middle: remote ? 1 : 0, low: id ?? UInt64(start * 1000 + end)), tabletID: 1,
            schemaHash: 7, partitionID: 20, versions: VersionRange(Version(start), Version(end)), rowCount: rows,
            createdAt: UnixTime(seconds: written), oldestWrite: UnixTime(seconds: 0),
            newestWrite: UnixTime(seconds: written), location: remote ? .remote(resource: "p") : .local)
    }

    private func pick(_ rowsets: [RowsetMeta], at seconds: Int64) -> VersionRange? {
        CooldownPick(rowsets, policy: policy, now: UnixTime(seconds: seconds))?.rowset.versions
    }

    // MARK: Due

    @Test("a rowset is due by age, by moment, or by whichever comes first")
    func dueAt() {
        let written = UnixTime(seconds: 1000)
        func due(_ ttl: Int64?, _ moment: Int64?) -> Int64? {
            StoragePolicyEntry(
                name: "p", cooldownAt: moment.map { UnixTime(seconds: $0) }, cooldownTTLSeconds: ttl
            ).dueAt(newestWrite: written)?.seconds
        }
        #expect(due(nil, nil) == nil)
        #expect(due(50, nil) == 1050)
        #expect(due(0, nil) == 1000)
        #expect(due(-1, nil) == nil)
        #expect(due(nil, 1500) == 1500)
        #expect(due(nil, 0) == nil)
        #expect(due(50, 1500) == 1050)
        #expect(due(5000, 1500) == 1500)
        #expect(due(.max, nil) == nil)
        #expect(due(.max, 1500) == 1500)
    }

    // MARK: Pick

    @Test("rowsets cool in version order, from the first local one, once the newest write is old enough")
    func order() {
        let rowsets = [rowset(0, 1, rows: 0), rowset(2, 2, written: 10), rowset(3, 3, written: 20)]
        #expect(pick(rowsets, at: 109) == nil)
        #expect(pick(rowsets, at: 110) == VersionRange(0, 1))
        let one = [rowset(0, 1, rows: 0, remote: true)] + rowsets.dropFirst()
        #expect(pick(one, at: 110) == VersionRange(2, 2))
        let two = one.prefix(1) + [rowset(2, 2, remote: true), rowsets[2]]
        #expect(pick(Array(two), at: 119) == nil)
        #expect(pick(Array(two), at: 120) == VersionRange(3, 3))
    }

    @Test("a younger rowset holds back older ones behind it")
    func younger() {
        let rowsets = [rowset(0, 1, written: 500), rowset(2, 2, written: 10)]
        #expect(pick(rowsets, at: 200) == nil)
        #expect(pick(rowsets, at: 600) == VersionRange(0, 1))
    }

    @Test("an empty tablet is left alone, an empty rowset before due rows is not")
    func empty() {
        #expect(pick([rowset(0, 1, rows: 0)], at: 1000) == nil)
        #expect(pick([rowset(0, 1, rows: 0), rowset(2, 2, written: 990)], at: 1000) == nil)
        #expect(pick([rowset(0, 1, rows: 0), rowset(2, 2, rows: 0), rowset(3, 3)], at: 1000) == VersionRange(0, 1))
        #expect(pick([], at: 1000) == nil)
    }

    @Test("nothing cools over a gap or behind a local rowset", arguments: [0, 1, 2, 3])
    func gaps(shape: Int) {
        let shapes = [
            [rowset(1, 1)], [rowset(0, 1, remote: true), rowset(3, 3)], [rowset(0, 1), rowset(2, 2, remote: true)],
            [rowset(0, 1, rows: 0), rowset(3, 3)],
        ]
        #expect(pick(shapes[shape], at: 1000) == nil)
    }

    // MARK: Follow

    private func plan(_ local: [RowsetMeta], _ remote: [RowsetMeta]) throws -> FollowPlan {
        try FollowPlan(local: local, remote: remote, tablet: 1)
    }

    @Test("an aligned prefix is replaced, what lies beyond stays")
    func aligned() throws {
        let local = [rowset(0, 1), rowset(2, 4), rowset(5, 5), rowset(6, 6)]
        let remote = [rowset(0, 1, remote: true), rowset(2, 2, remote: true), rowset(3, 5, remote: true)]
        let plan = try plan(local, remote)
        #expect(plan.remove == local[0...2].map(\.id))
        #expect(plan.add == remote)
    }

    @Test("remote rowsets that both sides have are not touched again")
    func commonPrefix() throws {
        let first = rowset(0, 1, remote: true)
        let local = [first, rowset(2, 2), rowset(3, 3)]
        let plan = try plan(local, [first, rowset(2, 2, remote: true)])
        #expect(plan.remove == [local[1].id])
        #expect(plan.add.map(\.versions) == [VersionRange(2, 2)])
    }

    @Test("another uploader's copies of the same versions replace the earlier ones")
    func replacedUploader() throws {
        let local = [rowset(0, 1, remote: true, id: 1), rowset(2, 2, remote: true, id: 2), rowset(3, 3)]
        let remote = [rowset(0, 1, remote: true, id: 1), rowset(2, 2, remote: true, id: 99)]
        let plan = try plan(local, remote)
        #expect(plan.remove == [local[1].id])
        #expect(plan.add == [remote[1]])
    }

    @Test("missing versions are waited for", arguments: 0..<4)
    func behind(shape: Int) {
        let remote = [rowset(0, 1, remote: true), rowset(2, 4, remote: true)]
        let locals = [
            [rowset(0, 1), rowset(2, 3)], [rowset(0, 1), rowset(3, 4)], [], [rowset(1, 1), rowset(2, 4)],
        ]
        #expect {
            try plan(locals[shape], remote)
        } throws: {
            if case .behind = $0 as? CooldownError { true } else { false }
        }
    }

    // found B1
    @Test("a rowset that the remote end lies in is cut there, by the number of rows up to it")
    func cut() throws {
        let local = [rowset(0, 191, rows: 100), rowset(192, 231, rows: 40), rowset(232, 232)]
        let remote = [rowset(0, 191, rows: 100, remote: true), rowset(192, 223, rows: 33, remote: true)]
        let plan = try plan(local, remote)
        #expect(plan.remove == [local[0].id, local[1].id])
        #expect(plan.add == remote)
        let tail = try #require(plan.keep.first)
        #expect(plan.keep.count == 1 && tail.versions == VersionRange(224, 231))
        #expect(tail.skippedRows == 33 && tail.rowCount == 7)
    }

    // found B2
    @Test("of a rowset with empty versions at its end nothing is left to be written")
    func cutBeforeEmpty() throws {
        let plan = try plan([rowset(0, 13, rows: 9)], [rowset(0, 12, rows: 9, remote: true)])
        #expect(plan.keep.map(\.versions) == [VersionRange(13, 13)] && plan.keep.map(\.rowCount) == [0])
    }

    @Test("rows beyond the remote end that are remote already are waited for, empty versions are not")
    func ahead() throws {
        let remote = [rowset(0, 4, rows: 5, remote: true)]
        let rows = [rowset(0, 4, rows: 5, remote: true), rowset(5, 6, rows: 1, remote: true)]
        let spanning = [rowset(0, 6, rows: 6, remote: true, id: 9)]
        for local in [rows, spanning] {
            #expect {
                try plan(local, remote)
            } throws: {
                if case .ahead(1, end: 6, remoteEnd: 4) = $0 as? CooldownError { true } else { false }
            }
        }
        let empty = [rows[0], rowset(5, 6, rows: 0, remote: true), rowset(7, 7)]
        let warmed = try plan(empty, remote)
        #expect(warmed.add == [] && warmed.remove == [empty[1].id])
        #expect(warmed.keep.map(\.versions) == [VersionRange(5, 6)])
        let cut = try plan([rowset(0, 6, rows: 5, remote: true, id: 9)], remote)
        #expect(cut.add == remote && cut.keep.map(\.rowCount) == [0])
    }

    @Test("a replica gives up no rows for others", arguments: [Int64(4), 6, 10])
    func differs(remoteRows: Int64) {
        let remote = [rowset(0, 4, rows: remoteRows, remote: true)]
        // The end at a boundary; inside a rowset, with fewer rows before it or fewer after it than there can be.
        for local in [[rowset(0, 4, rows: 5)], [rowset(0, 2, rows: 7), rowset(3, 6, rows: 2)]] {
            #expect {
                try plan(local, remote)
            } throws: {
                if case .differs = $0 as? CooldownError { true } else { false }
            }
        }
    }

    @Test("an empty remote meta is refused")
    func emptyRemote() {
        #expect(throws: CooldownError.self) { try plan([rowset(0, 1)], []) }
    }

    // MARK: Confs

    @Test("a higher term wins, an equal one is idempotent, a lower one is refused")
    func confs() {
        var header = TabletHeader(
            tabletID: 1, schemaHash: 7, replicaID: 5, tableID: 1, partitionID: 1, uid: UniqueID(high: 1, low: 1),
            shardID: 0, state: .running, createdAt: UnixTime(seconds: 0),
            schema: TabletSchema(schemaHash: 7, columns: []))
        func verdict(_ replica: Int64, _ term: Int64) -> CooldownConfVerdict {
            CooldownConfVerdict(
                CooldownConf(tabletID: 1, cooldownReplicaID: ReplicaID(replica), term: term), current: header)
        }
        #expect(verdict(5, 0) == .applied)
        #expect(verdict(-1, 7) == .noReplica)
        #expect(verdict(0, 7) == .noReplica)
        header.cooldownReplicaID = 6
        header.cooldownTerm = 3
        #expect(verdict(6, 3) == .unchanged)
        #expect(verdict(5, 3) == .conflict(current: 6))
        #expect(verdict(6, 2) == .staleTerm(current: 3))
        #expect(verdict(6, 4) == .applied)
        #expect(verdict(5, 4) == .applied)
    }

    // MARK: Keys

    @Test("keys are the contract's")
    func keys() {
        let conf = CooldownConf(tabletID: 10005, cooldownReplicaID: 10006, term: 3)
        #expect(RemoteKeys.meta(conf) == "data/10005/10006.3.meta")
        #expect(RemoteKeys.legacyMeta(conf) == "data/10005/10006.meta")
        let id = RowsetID(high: 2 << 56, middle: 0, low: 255)
        let text = "0200000000000000" + "0000000000000000" + "00000000000000ff"
        #expect(RemoteKeys.segment(10005, id, 2) == "data/10005/\(text)_2.dat")
    }
}
