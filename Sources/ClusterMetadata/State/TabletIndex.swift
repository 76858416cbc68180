public import TabletModel

/// Every tablet with its replicas, by id.
///
/// A value: a copy is a snapshot that costs nothing at first, and a change made while a snapshot is held copies one packed
/// chunk of at most 128 tablets. No hash table, and no object a tablet or replica: ids come from a counter, so tablets live in
/// id order and are found by two binary searches, or in a step or two by a `TabletCursor` that asks in ascending order, as
/// reports do.
public struct TabletIndex: Sendable {
    public private(set) var chunks = ChunkList()
    /// The first id of each chunk.
    private(set) var firstIDs: [TabletID] = []
    private var replicasByBackend = BackendCounts()
    /// Tablets.
    public private(set) var count = 0
    public private(set) var replicaCount = 0
    /// Grows whenever a tablet or a replica comes or goes.
    public private(set) var membershipChanges: UInt64 = 0

    public init() {}

    // MARK: Reading

    public func tablet(_ id: TabletID) -> Tablet? {
        guard let place = locate(id) else { return nil }
        return chunks[place.chunk].withReader { $0.tablet(place.row) }
    }

    public func contains(_ id: TabletID) -> Bool { locate(id) != nil }

    /// In replica-id order; empty for an unknown tablet. Allocates: in loops use a cursor or `forEach`.
    public func replicas(of id: TabletID) -> [Replica] {
        guard let place = locate(id) else { return [] }
        return chunks[place.chunk].withReader { reader in
            reader.replicaRange(place.row).map { reader.replica(at: $0) }
        }
    }

    public func replica(_ key: ReplicaKey) -> Replica? {
        guard let place = locate(key.tabletID) else { return nil }
        return chunks[place.chunk].withReader { reader in
            reader.position(row: place.row, backend: key.backendID).map { reader.replica(at: $0) }
        }
    }

    /// The tablets that have a replica on the backend, ascending.
    public func tablets(on backend: BackendID) -> BackendTablets {
        BackendTablets(chunks: chunks, backend: backend, count: replicasByBackend[backend])
    }

    /// Every tablet in id order with its replicas; the buffer is valid during the call only.
    public func forEach<E>(_ body: (Tablet, UnsafeBufferPointer<Replica>) throws(E) -> Void) throws(E) {
        var rows = TabletChunk()
        for chunk in chunks {
            rows.removeAll()
            chunk.unpack(into: &rows)
            try rows.forEach(body)
        }
    }

    /// At least `count` tablets from `start` on in id order, whole chunks at a time, each with its replicas.
    /// - Returns: where to go on; nil at the end.
    public func forEach(
        from start: TabletID, count: Int, _ body: (Tablet, UnsafeBufferPointer<Replica>) -> Void
    ) -> TabletID? {
        var place = firstChunk(reaching: start)
        var seen = 0
        var rows = TabletChunk()
        while place < chunks.count, seen < count {
            rows.removeAll()
            chunks[place].unpack(into: &rows)
            rows.forEach { tablet, replicas in
                guard tablet.id >= start else { return }
                seen += 1
                body(tablet, replicas)
            }
            place += 1
        }
        return place < chunks.count ? firstIDs[place] : nil
    }

    func locate(_ id: TabletID) -> (chunk: Int, row: Int)? {
        guard let chunk = chunkIndex(for: id), let row = chunks[chunk].row(of: id) else { return nil }
        return (chunk, row)
    }

    /// The chunk in whose reach the id is; nil below the first.
    public func chunkIndex(for id: TabletID) -> Int? {
        let after = firstIDs.partitionPoint { $0 <= id }
        return after == 0 ? nil : after - 1
    }

    /// The first chunk that has an id at or above this one.
    private func firstChunk(reaching id: TabletID) -> Int {
        guard let chunk = chunkIndex(for: id) else { return 0 }
        return chunks[chunk].lastID < id ? chunk + 1 : chunk
    }

    // MARK: Changing: only by applied journal entries

    /// Puts in tablets with their replicas; those that are there already are replaced.
    mutating func insert(_ added: TabletChunk) {
        guard !added.isEmpty else { return }
        removeKnown(of: added)
        membershipChanges += 1
        count += added.tablets.count
        replicaCount += added.replicas.count
        for replica in added.replicas { replicasByBackend.add(1, to: replica.backendID) }
        var row = 0
        while row < added.tablets.count {
            let id = added.tablets[row].id
            let chunk = chunkIndex(for: id) ?? 0
            let end = chunk + 1 < chunks.count ? added.lowerBound(of: firstIDs[chunk + 1]) : added.tablets.count
            insert(row..<end, of: added, into: chunk)
            row = end
        }
    }

    private mutating func removeKnown(of added: TabletChunk) {
        guard let first = added.tablets.first, let last = chunks.last?.lastID, first.id <= last else { return }
        let known = added.tablets.map(\.id).filter { contains($0) }
        if !known.isEmpty { remove(ascending: known) }
    }

    private mutating func insert(_ rows: Range<Int>, of added: TabletChunk, into chunk: Int) {
        let goesBehind =
            chunk >= chunks.count - 1 && chunks.last.map { $0.lastID < added.tablets[rows.lowerBound].id } ?? true
        var merged = TabletChunk()
        guard chunk < chunks.count, !(goesBehind && chunks[chunk].isFull) else {
            merged.append(rows, of: added)
            replace(chunks.count..<chunks.count, with: merged.packed(grows: true))
            return
        }
        let old = chunks[chunk].unpacked
        merged.reserve(
            tablets: old.tablets.count + rows.count, replicas: old.replicas.count + rows.count * 3)
        var next = 0
        for row in rows {
            let end = max(next, old.lowerBound(of: added.tablets[row].id))
            merged.append(next..<end, of: old)
            merged.append(row..<row + 1, of: added)
            next = end
        }
        merged.append(next..<old.tablets.count, of: old)
        replace(chunk..<chunk + 1, with: merged.packed(grows: goesBehind))
    }

    private mutating func replace(_ places: Range<Int>, with new: [PackedTablets]) {
        if places.count == 1, new.count == 1 {
            chunks[places.lowerBound] = new[0]
            let first = new[0].firstID
            if firstIDs[places.lowerBound] != first { firstIDs[places.lowerBound] = first }
        } else {
            chunks.replaceSubrange(places, with: new)
            firstIDs.replaceSubrange(places, with: new.map(\.firstID))
        }
    }

    /// Removes many tablets in one pass. `ids` ascend; those that are not there are passed over.
    mutating func remove(ascending ids: [TabletID]) {
        guard let first = ids.first, let last = ids.last, !chunks.isEmpty else { return }
        let places = firstChunk(reaching: first)..<((chunkIndex(for: last) ?? -1) + 1)
        guard !places.isEmpty else { return }
        membershipChanges += 1
        var goneByBackend = BackendCounts()
        var next = 0
        var kept: [PackedTablets] = []
        for place in places {
            let gone = rows(of: ids, from: &next, in: chunks[place])
            if gone.isEmpty {
                kept.append(chunks[place])
                continue
            }
            count -= gone.count
            chunks[place].withReader { reader in
                for row in gone {
                    let range = reader.replicaRange(row)
                    replicaCount -= range.count
                    for position in range { goneByBackend.add(1, to: reader.backendID(at: position)) }
                }
            }
            guard gone.count < chunks[place].tabletCount else { continue }
            kept += chunks[place].unpacked.filtered { !gone.containsSorted($0) }.packed(grows: false)
        }
        replace(places, with: kept)
        replicasByBackend.subtract(goneByBackend)
        replicasByBackend.forgetEmpty()
    }

    /// Rows of the chunk whose ids are among these, from the `next`th on.
    private func rows(of ids: [TabletID], from next: inout Int, in chunk: PackedTablets) -> [Int] {
        chunk.withReader { reader in
            (0..<reader.tabletCount).filter { row in
                let id = reader.tabletID(row)
                while next < ids.count, ids[next] < id { next += 1 }
                return next < ids.count && ids[next] == id
            }
        }
    }

    /// Adds a replica to a tablet that is there; one on the same backend is replaced. Nothing happens for an unknown tablet.
    mutating func insertReplica(_ replica: Replica, of id: TabletID) {
        removeReplica(ReplicaKey(tabletID: id, backendID: replica.backendID))
        guard let place = locate(id) else { return }
        var rows = chunks[place.chunk].unpacked
        rows.insertReplica(replica, row: place.row)
        replace(place.chunk..<place.chunk + 1, with: rows.packed(grows: false))
        membershipChanges += 1
        replicaCount += 1
        replicasByBackend.add(1, to: replica.backendID)
    }

    mutating func removeReplica(_ key: ReplicaKey) {
        guard let place = locate(key.tabletID),
            let position = chunks[place.chunk].withReader({ $0.position(row: place.row, backend: key.backendID) })
        else { return }
        var rows = chunks[place.chunk].unpacked
        rows.removeReplica(row: place.row, at: position)
        chunks[place.chunk] = PackedTablets(rows)
        noteGone(1, on: key.backendID)
    }

    /// Takes every replica of the backend out.
    mutating func removeReplicas(on backend: BackendID) {
        guard replicasByBackend[backend] > 0 else { return }
        var removed = 0
        for place in chunks.indices {
            let gone = chunks[place].withReader { reader in
                (0..<reader.tabletCount).compactMap { row in
                    reader.position(row: row, backend: backend).map { (row: row, position: $0) }
                }
            }
            guard !gone.isEmpty else { continue }
            var rows = chunks[place].unpacked
            for replica in gone.reversed() { rows.removeReplica(row: replica.row, at: replica.position) }
            chunks[place] = PackedTablets(rows)
            removed += gone.count
        }
        noteGone(removed, on: backend)
    }

    private mutating func noteGone(_ removed: Int, on backend: BackendID) {
        membershipChanges += 1
        replicaCount -= removed
        replicasByBackend.add(-removed, to: backend)
        replicasByBackend.forgetEmpty()
    }

    // MARK: For `TabletEditor`

    mutating func set(_ value: Int64, in chunk: Int, column: Int, row: Int) -> Bool {
        chunks[chunk].set(value, column: column, row: row)
    }

    mutating func take(_ open: OpenColumns, in chunk: Int) { chunks[chunk].take(open) }

    /// Bytes of heap that tablets and replicas take, the allocator's included.
    public var memoryBytes: (tablets: Int, replicas: Int) {
        let lists = chunks.memoryBytes + allocatedBytes(arrayOf: firstIDs.capacity * 8)
        var bytes = (tablets: lists, replicas: 0)
        for chunk in chunks {
            let held = chunk.memoryBytes
            bytes.tablets += held.tablets
            bytes.replicas += held.replicas
        }
        return bytes
    }
}
