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
    public var tablet: Tablet { index.chunks[chunk].withReader { $0.tablet(row) } }
    /// How many replicas it has.
    public var replicaCount: Int { index.chunks[chunk].withReader { $0.replicaRange(row).count } }
    /// The i-th of its replicas, in replica-id order.
    public func replica(at i: Int) -> Replica {
        index.chunks[chunk].withReader { $0.replica(at: $0.replicaRange(row).lowerBound + i) }
    }

    public func replica(on backend: BackendID) -> Replica? {
        index.chunks[chunk].withReader { reader in
            reader.position(row: row, backend: backend).map { reader.replica(at: $0) }
        }
    }
}

extension TabletIndex {
    /// Like `locate`, but looks at and right after `hint` first.
    func place(of id: TabletID, near hint: (chunk: Int, row: Int)) -> (chunk: Int, row: Int)? {
        guard hint.chunk < chunks.count else { return locate(id) }
        let near = chunks[hint.chunk].withReader { reader -> (isInReach: Bool, row: Int?) in
            let rows = reader.tabletCount
            for step in 0...1 where hint.row + step < rows && reader.tabletID(hint.row + step) == id {
                return (true, hint.row + step)
            }
            let isInReach = reader.tabletID(0) <= id && id <= reader.tabletID(rows - 1)
            return (isInReach, isInReach ? reader.row(of: id) : nil)
        }
        return near.isInReach ? near.row.map { (hint.chunk, $0) } : locate(id)
    }
}
