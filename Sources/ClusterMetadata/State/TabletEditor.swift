internal import TabletModel

extension TabletIndex {
    /// Changes of tablets and replicas that are there, one after the other.
    mutating func edit(_ body: (inout TabletEditor) -> Void) {
        var editor = TabletEditor(self)
        // The editor has it alone: else its first change would copy the list of chunks.
        self = TabletIndex()
        body(&editor)
        self = editor.finish()
    }

    /// Takes over the facts of one backend's rows, wherever it has a replica; the order of ids that serves best ascends.
    mutating func takeFacts(of rows: UnsafeBufferPointer<TabletReportRow>, from backend: BackendID) {
        edit { editor in
            for row in rows {
                editor.replica(ReplicaKey(tabletID: row.tabletID, backendID: backend)) { $0.takeFacts(of: row) }
            }
        }
    }
}

/// Changes members where they lie, as long as their columns have room for them; a column that has not is unpacked until the
/// changes go on in another chunk. What is set to what it was is not written: no chunk is copied.
struct TabletEditor {
    private var index: TabletIndex
    private var at = (chunk: 0, row: 0)
    /// Of that chunk.
    private var open = OpenColumns()

    fileprivate init(_ index: TabletIndex) { self.index = index }

    // MARK: Replicas

    /// Nothing happens when there is no such replica.
    mutating func replica(_ key: ReplicaKey, _ body: (inout Replica) -> Void) {
        guard let position = position(of: key) else { return }
        var replica = replica(at: position)
        let old = replica.members
        body(&replica)
        let new = replica.members
        guard new != old else { return }
        for member in 0..<PackedTablets.ReplicaMember.count where new[member] != old[member] {
            set(new[member], column: PackedTablets.TabletMember.count + member, row: position)
        }
    }

    /// The same for what is journaled of it.
    mutating func health(_ key: ReplicaKey, _ body: (inout ReplicaHealth) -> Void) {
        if let position = position(of: key) { changeHealth(at: position, body) }
    }

    /// What is journaled of every replica of the tablet.
    mutating func health(of id: TabletID, _ body: (BackendID, inout ReplicaHealth) -> Void) {
        guard seek(id) else { return }
        let (chunk, row) = at
        for position in index.chunks[chunk].withReader({ $0.replicaRange(row) }) {
            let backend = index.chunks[chunk].withReader { $0.backendID(at: position) }
            changeHealth(at: position) { body(backend, &$0) }
        }
    }

    private mutating func changeHealth(at position: Int, _ body: (inout ReplicaHealth) -> Void) {
        let old = healthMembers(at: position)
        var health = ReplicaHealth(old)
        body(&health)
        let new = health.members
        let first = PackedTablets.ReplicaMember.version.column
        for member in 0..<4 where new[member] != old[member] {
            set(new[member], column: first + member, row: position)
        }
    }

    private mutating func position(of key: ReplicaKey) -> Int? {
        guard seek(key.tabletID) else { return nil }
        let (chunk, row) = at
        return index.chunks[chunk].withReader { $0.position(row: row, backend: key.backendID) }
    }

    private func replica(at position: Int) -> Replica {
        let replica = index.chunks[at.chunk].withReader { $0.replica(at: position) }
        guard !open.isEmpty else { return replica }
        var members = replica.members
        for member in 0..<PackedTablets.ReplicaMember.count {
            let column = PackedTablets.TabletMember.count + member
            if open.isOpen(column) { members[member] = open.value(position, column: column) }
        }
        return Replica(members)
    }

    private func healthMembers(at position: Int) -> SIMD4<Int64> {
        var members = index.chunks[at.chunk].withReader { $0.healthMembers(at: position) }
        guard !open.isEmpty else { return members }
        let first = PackedTablets.ReplicaMember.version.column
        for member in 0..<4 where open.isOpen(first + member) {
            members[member] = open.value(position, column: first + member)
        }
        return members
    }

    // MARK: Tablets

    /// Takes the conf when its term is newer.
    mutating func take(_ conf: CooldownConf) {
        guard seek(conf.tabletID) else { return }
        let (chunk, row) = at
        let term = PackedTablets.TabletMember.uploaderTerm.column
        let known =
            open.isOpen(term)
            ? open.value(row, column: term) : index.chunks[chunk].withReader { $0.cooldownConf(row).term }
        guard conf.term > known else { return }
        set(conf.cooldownReplicaID.rawValue, column: PackedTablets.TabletMember.uploaderID.column, row: row)
        set(conf.term, column: term, row: row)
    }

    // MARK: Chunks

    private mutating func set(_ value: Int64, column: Int, row: Int) {
        if !open.isOpen(column), index.set(value, in: at.chunk, column: column, row: row) { return }
        open.set(value, column: column, row: row, of: index.chunks[at.chunk])
    }

    private mutating func seek(_ id: TabletID) -> Bool {
        guard let place = index.place(of: id, near: at) else { return false }
        if place.chunk != at.chunk { close() }
        at = place
        return true
    }

    private mutating func close() {
        guard !open.isEmpty else { return }
        index.take(open, in: at.chunk)
        open.removeAll()
    }

    fileprivate mutating func finish() -> TabletIndex {
        close()
        return index
    }
}
