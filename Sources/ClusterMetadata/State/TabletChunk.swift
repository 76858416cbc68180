public import TabletModel

/// Tablets that follow each other by id, and their replicas side by side in tablet order: the unit that a change copies
/// while a snapshot is held.
public struct TabletChunk: Sendable {
    static let tabletLimit = 128
    static let replicaLimit = 1024

    /// Ascending by id.
    private(set) var tablets: [Tablet] = []
    /// Those of one tablet ascend by replica id.
    private(set) var replicas: [Replica] = []

    var firstID: TabletID { tablets[0].id }
    public var lastID: TabletID { tablets[tablets.count - 1].id }
    var isFull: Bool { tablets.count >= Self.tabletLimit || replicas.count >= Self.replicaLimit }
    var isOverfull: Bool {
        tablets.count > 1 && (tablets.count > Self.tabletLimit || replicas.count > Self.replicaLimit)
    }

    init() {}

    /// A chunk that will fill up with tablets of so many replicas: without growing, and so without spare capacity.
    init(replicasPerTablet: Int) {
        tablets.reserveCapacity(Self.tabletLimit)
        replicas.reserveCapacity(min(Self.tabletLimit * replicasPerTablet, Self.replicaLimit))
    }

    var hasSpareCapacity: Bool {
        tablets.capacity > tablets.count + tablets.count / 16
            || replicas.capacity > replicas.count + replicas.count / 16
    }

    /// Where the tablet is, or would be.
    func lowerBound(of id: TabletID) -> Int { tablets.withUnsafeBufferPointer { Self.lowerBound(of: id, in: $0) } }

    /// Ids of one table are evenly spaced, so the first guess is mostly right, and a lookup touches one line of memory
    /// instead of seven.
    public static func lowerBound(of id: TabletID, in tablets: UnsafeBufferPointer<Tablet>) -> Int {
        guard let first = tablets.first?.id, let last = tablets.last?.id, id > first else { return 0 }
        guard id <= last else { return tablets.count }
        let reach = Double(last.rawValue - first.rawValue)
        let guess = Int(Double(id.rawValue - first.rawValue) / reach * Double(tablets.count - 1))
        var low = 0
        var high = tablets.count
        if tablets[guess].id == id { return guess }
        if tablets[guess].id < id { low = guess + 1 } else { high = guess }
        while low < high {
            let middle = (low + high) / 2
            if tablets[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func row(of id: TabletID) -> Int? {
        let row = lowerBound(of: id)
        return row < tablets.count && tablets[row].id == id ? row : nil
    }

    /// The rows as they lie in memory; the buffers are valid during the call only.
    public func withRows<R>(
        _ body: (UnsafeBufferPointer<Tablet>, UnsafeBufferPointer<Replica>) throws -> R
    ) rethrows -> R {
        try tablets.withUnsafeBufferPointer { tablets in
            try replicas.withUnsafeBufferPointer { try body(tablets, $0) }
        }
    }

    func replicaPosition(row: Int, backend: BackendID) -> Int? {
        let range = tablets[row].replicaRange
        return replicas.withUnsafeBufferPointer { replicas in
            for position in range where replicas[position].backendID == backend { return position }
            return nil
        }
    }

    /// Puts in a tablet that is not there yet.
    mutating func insert(_ tablet: Tablet, _ added: [Replica]) {
        let row = lowerBound(of: tablet.id)
        var placed = tablet
        let first = row < tablets.count ? Int(tablets[row].firstReplica) : replicas.count
        placed.firstReplica = UInt32(first)
        placed.replicaCountStored = UInt32(added.count)
        replicas.insert(contentsOf: added, at: first)
        tablets.insert(placed, at: row)
        shiftReplicas(after: row, by: added.count)
    }

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

    mutating func setReplica(at position: Int, _ body: (inout Replica) -> Void) { body(&replicas[position]) }

    mutating func setCooldownConf(row: Int, _ conf: CooldownConf) {
        tablets[row].cooldownReplicaID = conf.cooldownReplicaID
        tablets[row].cooldownTerm = conf.term
    }

    /// Copies the rows into a chunk without spare capacity.
    func rows(_ range: Range<Int>) -> TabletChunk {
        var copy = TabletChunk()
        guard let first = range.first, let last = range.last else { return copy }
        let base = Int(tablets[first].firstReplica)
        let end = tablets[last].replicaRange.upperBound
        copy.tablets.reserveCapacity(range.count)
        copy.replicas.reserveCapacity(end - base)
        copy.replicas.append(contentsOf: replicas[base..<end])
        for row in range {
            var tablet = tablets[row]
            tablet.firstReplica -= UInt32(base)
            copy.tablets.append(tablet)
        }
        return copy
    }

    /// The rows for which `isKept` holds.
    func filtered(_ isKept: (Tablet) -> Bool) -> TabletChunk {
        var copy = TabletChunk()
        for tablet in tablets where isKept(tablet) {
            var kept = tablet
            kept.firstReplica = UInt32(copy.replicas.count)
            copy.replicas.append(contentsOf: replicas[tablet.replicaRange])
            copy.tablets.append(kept)
        }
        return copy
    }
}
