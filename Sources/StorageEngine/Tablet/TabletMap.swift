internal import Synchronization
internal import TabletModel

/// All tablets that are served: by id, by partition, and in id order for reports. Thread-safe; every call is short.
final class TabletMap: Sendable {
    fileprivate struct State {
        var byID: [TabletID: Tablet] = [:]
        var byPartition: [PartitionID: Set<TabletID>] = [:]
        /// Every tablet of `byID` in id order; nil when it has to be made again.
        var sorted: [Tablet]? = []
        /// Ids that are being created or dropped.
        var reserved: Set<TabletID> = []
    }

    private let state = Mutex(State())

    subscript(id: TabletID) -> Tablet? { state.withLock { $0.byID[id] } }
    var count: Int { state.withLock { $0.byID.count } }

    /// In id order. Shared, not copied, until the next creation or drop.
    var sorted: [Tablet] {
        state.withLock { state in
            if let sorted = state.sorted { return sorted }
            let sorted = state.byID.values.sorted { $0.id < $1.id }
            state.sorted = sorted
            return sorted
        }
    }

    /// Tablets of the partition, in id order.
    func tablets(of partition: PartitionID) -> [Tablet] {
        state.withLock { state in
            (state.byPartition[partition] ?? []).sorted().compactMap { state.byID[$0] }
        }
    }

    func hasTablets(of partition: PartitionID) -> Bool { state.withLock { $0.byPartition[partition] != nil } }

    /// Adds a tablet whose id is free. With the id taken nothing changes, and the tablet that has it is returned.
    func insert(_ tablet: Tablet) -> Tablet? {
        let partition = tablet.partitionID
        return state.withLock { state in
            if let taken = state.byID[tablet.id] { return taken }
            state.byID[tablet.id] = tablet
            state.byPartition[partition, default: []].insert(tablet.id)
            if let last = state.sorted?.last, last.id > tablet.id {
                state.sorted = nil
            } else {
                state.sorted?.append(tablet)
            }
            return nil
        }
    }

    func remove(_ tablet: Tablet) {
        let partition = tablet.partitionID
        state.withLock { state in
            guard state.byID[tablet.id] === tablet else { return }
            state.byID[tablet.id] = nil
            state.removeFromPartition(tablet.id, partition)
            state.sorted?.removeAll { $0 === tablet }
        }
    }

    /// At every moment one of them is served. - Precondition: `old` is.
    func replace(_ old: Tablet, by new: Tablet) {
        let (before, after) = (old.partitionID, new.partitionID)
        state.withLock { state in
            precondition(
                state.byID[old.id] === old && new.id == old.id, "tablet \(old.id) is not the one that is served")
            state.byID[new.id] = new
            state.removeFromPartition(old.id, before)
            state.byPartition[after, default: []].insert(new.id)
            state.sorted = nil
        }
    }

    func move(_ tablet: TabletID, from old: PartitionID, to new: PartitionID) {
        state.withLock { state in
            guard state.byID[tablet] != nil else { return }
            state.removeFromPartition(tablet, old)
            state.byPartition[new, default: []].insert(tablet)
        }
    }

    /// Takes the id for a creation or a drop; false when another has it.
    func reserve(_ id: TabletID) -> Bool { state.withLock { $0.reserved.insert(id).inserted } }
    func release(_ id: TabletID) { state.withLock { _ = $0.reserved.remove(id) } }
}

extension TabletMap.State {
    fileprivate mutating func removeFromPartition(_ tablet: TabletID, _ partition: PartitionID) {
        byPartition[partition]?.remove(tablet)
        if byPartition[partition]?.isEmpty == true { byPartition[partition] = nil }
    }
}
