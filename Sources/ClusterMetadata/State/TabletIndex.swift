public import TabletModel

/// Every tablet with its replicas, by id, and the tablets of each backend.
///
/// A value: a copy is a snapshot that costs nothing at first, and a change made while a snapshot is held copies one chunk
/// of at most 128 tablets. No hash table: ids come from a counter, so tablets live in id order and are found by two binary
/// searches, or in a step or two by a `TabletCursor` that asks in ascending order, as reports do.
public struct TabletIndex: Sendable {
    public private(set) var chunks: [TabletChunk] = []
    /// The first id of each chunk.
    private var firstIDs: [TabletID] = []
    private var tabletsByBackend: [BackendID: SortedTabletIDs] = [:]
    /// Tablets.
    public private(set) var count = 0
    public private(set) var replicaCount = 0

    public init() {}

    // MARK: Reading

    public func tablet(_ id: TabletID) -> Tablet? {
        guard let place = locate(id) else { return nil }
        return chunks[place.chunk].tablets[place.row]
    }

    public func contains(_ id: TabletID) -> Bool { locate(id) != nil }

    /// In replica-id order; empty for an unknown tablet. Allocates: in loops use a cursor or `withReplicas`.
    public func replicas(of id: TabletID) -> [Replica] {
        guard let place = locate(id) else { return [] }
        let chunk = chunks[place.chunk]
        return Array(chunk.replicas[chunk.tablets[place.row].replicaRange])
    }

    public func replica(_ key: ReplicaKey) -> Replica? {
        guard let place = locate(key.tabletID) else { return nil }
        let chunk = chunks[place.chunk]
        return chunk.replicaPosition(row: place.row, backend: key.backendID).map { chunk.replicas[$0] }
    }

    /// The tablets that have a replica on the backend, ascending.
    public func tablets(on backend: BackendID) -> SortedTabletIDs { tabletsByBackend[backend] ?? SortedTabletIDs() }

    /// Every tablet in id order with its replicas; the buffer is valid during the call only.
    public func forEach<E>(_ body: (Tablet, UnsafeBufferPointer<Replica>) throws(E) -> Void) throws(E) {
        for chunk in chunks {
            try chunk.forEach(body)
        }
    }

    func locate(_ id: TabletID) -> (chunk: Int, row: Int)? {
        guard let chunk = chunkIndex(for: id), let row = chunks[chunk].row(of: id) else { return nil }
        return (chunk, row)
    }

    /// The chunk in whose reach the id is; nil below the first.
    public func chunkIndex(for id: TabletID) -> Int? {
        let after = firstIDs.lowerBound(of: TabletID(rawValue: id.rawValue &+ 1))
        return after == 0 ? nil : after - 1
    }

    // MARK: Changing: only by applied journal entries

    /// Puts in a tablet with its replicas; one that is there already is replaced.
    mutating func insert(_ tablet: Tablet, replicas: [Replica]) {
        if contains(tablet.id) { remove(ascending: [tablet.id]) }
        let sorted = replicas.sorted { $0.id < $1.id }
        insertRow(tablet, sorted)
        count += 1
        replicaCount += sorted.count
        for replica in sorted { tabletsByBackend[replica.backendID, default: SortedTabletIDs()].insert(tablet.id) }
    }

    private mutating func insertRow(_ tablet: Tablet, _ replicas: [Replica]) {
        guard let last = chunks.indices.last, let chunk = chunkIndex(for: tablet.id) ?? firstIDs.indices.first else {
            appendChunk(tablet, replicas)
            return
        }
        if chunk == last, chunks[chunk].isFull, tablet.id > chunks[chunk].lastID {
            // Ids ascend: the full chunk is done growing, so give back what it does not need.
            if chunks[chunk].hasSpareCapacity { chunks[chunk] = chunks[chunk].rows(0..<chunks[chunk].tablets.count) }
            appendChunk(tablet, replicas)
            return
        }
        chunks[chunk].insert(tablet, replicas)
        firstIDs[chunk] = chunks[chunk].firstID
        splitIfOverfull(chunk)
    }

    private mutating func appendChunk(_ tablet: Tablet, _ replicas: [Replica]) {
        var chunk = TabletChunk(replicasPerTablet: replicas.count)
        chunk.insert(tablet, replicas)
        chunks.append(chunk)
        firstIDs.append(tablet.id)
    }

    private mutating func splitIfOverfull(_ chunk: Int) {
        guard chunks[chunk].isOverfull else { return }
        let rows = chunks[chunk].tablets.count
        let right = chunks[chunk].rows(rows / 2..<rows)
        chunks[chunk] = chunks[chunk].rows(0..<rows / 2)
        chunks.insert(right, at: chunk + 1)
        firstIDs.insert(right.firstID, at: chunk + 1)
    }

    /// Removes many tablets in one pass. `ids` ascend; those that are not there are passed over.
    mutating func remove(ascending ids: [TabletID]) {
        guard let first = ids.first, let last = ids.last else { return }
        var goneByBackend: [BackendID: [TabletID]] = [:]
        var next = 0
        var kept: [TabletChunk] = []
        kept.reserveCapacity(chunks.count)
        for chunk in chunks {
            if chunk.lastID < first || chunk.firstID > last {
                kept.append(chunk)
                continue
            }
            let rest = chunk.filtered { tablet in
                while next < ids.count, ids[next] < tablet.id { next += 1 }
                guard next < ids.count, ids[next] == tablet.id else { return true }
                for position in tablet.replicaRange {
                    goneByBackend[chunk.replicas[position].backendID, default: []].append(tablet.id)
                }
                count -= 1
                replicaCount -= tablet.replicaCount
                return false
            }
            if !rest.tablets.isEmpty { kept.append(rest) }
        }
        chunks = kept
        firstIDs = kept.map(\.firstID)
        for (backend, gone) in goneByBackend {
            tabletsByBackend[backend]?.remove(ascending: gone)
            forgetBackendIfEmpty(backend)
        }
    }

    /// Adds a replica to a tablet that is there; one on the same backend is replaced. Nothing happens for an unknown tablet.
    mutating func insertReplica(_ replica: Replica, of id: TabletID) {
        removeReplica(ReplicaKey(tabletID: id, backendID: replica.backendID))
        guard let place = locate(id) else { return }
        chunks[place.chunk].insertReplica(replica, row: place.row)
        replicaCount += 1
        tabletsByBackend[replica.backendID, default: SortedTabletIDs()].insert(id)
        splitIfOverfull(place.chunk)
    }

    mutating func removeReplica(_ key: ReplicaKey) {
        guard let place = locate(key.tabletID),
            let position = chunks[place.chunk].replicaPosition(row: place.row, backend: key.backendID)
        else { return }
        chunks[place.chunk].removeReplica(row: place.row, at: position)
        replicaCount -= 1
        tabletsByBackend[key.backendID]?.remove(key.tabletID)
        forgetBackendIfEmpty(key.backendID)
    }

    private mutating func forgetBackendIfEmpty(_ backend: BackendID) {
        if tabletsByBackend[backend]?.isEmpty == true { tabletsByBackend[backend] = nil }
    }

    /// False when there is no such replica.
    @discardableResult
    mutating func withReplica(_ key: ReplicaKey, _ body: (inout Replica) -> Void) -> Bool {
        guard let place = locate(key.tabletID) else { return false }
        return withReplica(at: place, on: key.backendID, body)
    }

    mutating func withReplica(
        at place: (chunk: Int, row: Int), on backend: BackendID, _ body: (inout Replica) -> Void
    ) -> Bool {
        guard let position = chunks[place.chunk].replicaPosition(row: place.row, backend: backend) else { return false }
        chunks[place.chunk].setReplica(at: position, body)
        return true
    }

    /// Every replica of the tablet.
    mutating func withReplicas(of id: TabletID, _ body: (inout Replica) -> Void) {
        guard let place = locate(id) else { return }
        for position in chunks[place.chunk].tablets[place.row].replicaRange {
            chunks[place.chunk].setReplica(at: position, body)
        }
    }

    mutating func setCooldownConf(_ conf: CooldownConf) {
        guard let place = locate(conf.tabletID) else { return }
        chunks[place.chunk].setCooldownConf(row: place.row, conf)
    }
}

extension TabletChunk {
    public func forEach<E>(_ body: (Tablet, UnsafeBufferPointer<Replica>) throws(E) -> Void) throws(E) {
        try replicas.withUnsafeBufferPointer { (all) throws(E) -> Void in
            for tablet in tablets {
                try body(tablet, UnsafeBufferPointer(rebasing: all[tablet.replicaRange]))
            }
        }
    }
}
