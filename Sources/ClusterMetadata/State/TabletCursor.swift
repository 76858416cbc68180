public import TabletModel

/// Finds tablets one after the other: next to free when the ids ascend, and right in any order.
public struct TabletCursor: Sendable {
    private let index: TabletIndex
    private var chunk = 0
    private var row = 0

    /// Holds a snapshot of the index: make it, use it and let it go, since changes copy chunks meanwhile.
    public init(_ index: TabletIndex) { self.index = index }

    /// Moves to the tablet; false, and the cursor stays near, when there is none.
    public mutating func seek(_ id: TabletID) -> Bool {
        let place = index.place(of: id, near: (chunk, row))
        guard let place else { return false }
        (chunk, row) = place
        return true
    }

    /// The tablet that the last successful `seek` found.
    public var tablet: Tablet { index.chunks[chunk].tablets[row] }
    /// How many replicas it has.
    public var replicaCount: Int { tablet.replicaCount }
    /// The i-th of its replicas, in replica-id order.
    public func replica(at i: Int) -> Replica {
        index.chunks[chunk].replicas[Int(index.chunks[chunk].tablets[row].firstReplica) + i]
    }

    public func replica(on backend: BackendID) -> Replica? {
        let position = index.chunks[chunk].replicaPosition(row: row, backend: backend)
        return position.map { index.chunks[chunk].replicas[$0] }
    }
}

extension TabletIndex {
    /// Like `locate`, but looks at and right after `hint` first.
    func place(of id: TabletID, near hint: (chunk: Int, row: Int)) -> (chunk: Int, row: Int)? {
        guard hint.chunk < chunks.count else { return locate(id) }
        let rows = chunks[hint.chunk].tablets.count
        for step in 0...1 where hint.row + step < rows {
            let found = chunks[hint.chunk].tablets[hint.row + step].id
            if found == id { return (hint.chunk, hint.row + step) }
        }
        if chunks[hint.chunk].firstID <= id, id <= chunks[hint.chunk].lastID {
            return chunks[hint.chunk].row(of: id).map { (hint.chunk, $0) }
        }
        return locate(id)
    }

    /// Takes over the facts of one backend's rows, wherever it has a replica; the order of ids that serves best ascends.
    mutating func takeFacts(of rows: UnsafeBufferPointer<TabletReportRow>, from backend: BackendID) {
        var hint = (chunk: 0, row: 0)
        for row in rows {
            guard let place = place(of: row.tabletID, near: hint) else { continue }
            hint = place
            _ = withReplica(at: place, on: backend) { $0.takeFacts(of: row) }
        }
    }
}
