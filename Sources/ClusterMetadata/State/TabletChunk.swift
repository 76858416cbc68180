internal import TabletModel

/// Tablets that follow each other by id, and their replicas side by side in tablet order, while they are being made or changed:
/// at rest they are packed (`PackedTablets`).
struct TabletChunk: Sendable {
    static let tabletLimit = 128
    static let replicaLimit = 1024
    /// So many tablets are put into an index together when there are more.
    static let batchLimit = 512

    /// Ascending by id.
    private(set) var tablets: [Tablet] = []
    /// Those of one tablet ascend by replica id.
    private(set) var replicas: [Replica] = []

    var isEmpty: Bool { tablets.isEmpty }

    mutating func reserve(tablets: Int, replicas: Int) {
        self.tablets.reserveCapacity(tablets)
        self.replicas.reserveCapacity(replicas)
    }

    mutating func removeAll() {
        tablets.removeAll(keepingCapacity: true)
        replicas.removeAll(keepingCapacity: true)
    }

    /// Where the tablet is, or would be.
    func lowerBound(of id: TabletID) -> Int { tablets.partitionPoint { $0.id < id } }

    // MARK: Changing

    /// - Precondition: its id is above all others.
    mutating func append(_ tablet: Tablet, _ added: some Sequence<Replica>) {
        var placed = tablet
        placed.firstReplica = UInt32(replicas.count)
        replicas.append(contentsOf: added)
        placed.replicaCountStored = UInt32(replicas.count - Int(placed.firstReplica))
        replicas[placed.replicaRange].sort { $0.id < $1.id }
        tablets.append(placed)
    }

    /// One that knows where its replicas are, or will be.
    mutating func appendTablet(_ tablet: Tablet) { tablets.append(tablet) }
    mutating func appendReplica(_ replica: Replica) { replicas.append(replica) }

    mutating func insertReplica(_ replica: Replica, row: Int) {
        let range = tablets[row].replicaRange
        let place = range.first { replicas[$0].id > replica.id } ?? range.upperBound
        replicas.insert(replica, at: place)
        tablets[row].replicaCountStored += 1
        shiftReplicas(after: row, by: 1)
    }

    mutating func removeReplica(row: Int, at position: Int) {
        replicas.remove(at: position)
        tablets[row].replicaCountStored -= 1
        shiftReplicas(after: row, by: -1)
    }

    private mutating func shiftReplicas(after row: Int, by count: Int) {
        for later in (row + 1)..<max(row + 1, tablets.count) {
            tablets[later].firstReplica = UInt32(Int(tablets[later].firstReplica) + count)
        }
    }

    /// Puts these rows of the other chunk behind the own ones.
    mutating func append(_ range: Range<Int>, of other: TabletChunk) {
        guard let first = range.first, let last = range.last else { return }
        let shift = replicas.count - Int(other.tablets[first].firstReplica)
        let end = other.tablets[last].replicaRange.upperBound
        replicas.append(contentsOf: other.replicas[Int(other.tablets[first].firstReplica)..<end])
        for row in range {
            var tablet = other.tablets[row]
            tablet.firstReplica = UInt32(Int(tablet.firstReplica) + shift)
            tablets.append(tablet)
        }
    }

    /// The rows for which `isKept` holds.
    func filtered(_ isKept: (Int) -> Bool) -> TabletChunk {
        var kept = TabletChunk()
        for row in tablets.indices where isKept(row) { kept.append(row..<row + 1, of: self) }
        return kept
    }

    // MARK: Sealing

    /// The rows in chunks of the right size.
    /// - Parameter grows: more rows will come behind these: chunks are filled up, else they are left even.
    func packed(grows: Bool) -> [PackedTablets] {
        let pieces = grows ? fullPieces : evenPieces(of: tablets.indices)
        guard pieces.count > 1 else { return pieces.map { _ in PackedTablets(self) } }
        return pieces.map { range in
            var piece = TabletChunk()
            piece.append(range, of: self)
            return PackedTablets(piece)
        }
    }

    private var fullPieces: [Range<Int>] {
        var pieces: [Range<Int>] = []
        var first = 0
        while first < tablets.count {
            let limit = Int(tablets[first].firstReplica) + Self.replicaLimit
            var end = first + 1
            while end < tablets.count, end - first < Self.tabletLimit, tablets[end].replicaRange.upperBound <= limit {
                end += 1
            }
            pieces.append(first..<end)
            first = end
        }
        return pieces
    }

    private func evenPieces(of range: Range<Int>) -> [Range<Int>] {
        guard let first = range.first, let last = range.last else { return [] }
        let held = tablets[last].replicaRange.upperBound - Int(tablets[first].firstReplica)
        guard range.count > 1, range.count > Self.tabletLimit || held > Self.replicaLimit else { return [range] }
        let middle = first + range.count / 2
        return evenPieces(of: first..<middle) + evenPieces(of: middle..<range.upperBound)
    }

    /// Every tablet with its replicas; the buffer is valid during the call only.
    func forEach<E>(_ body: (Tablet, UnsafeBufferPointer<Replica>) throws(E) -> Void) throws(E) {
        try replicas.withUnsafeBufferPointer { (all) throws(E) -> Void in
            for tablet in tablets {
                try body(tablet, UnsafeBufferPointer(rebasing: all[tablet.replicaRange]))
            }
        }
    }
}
