internal import TabletModel

extension TabletMap {
    /// Tablets that follow each other.
    struct Chunk: Sendable {
        static let limit = 128
        var entries: ContiguousArray<ServedTablet> = []
        /// How many of them are in use.
        var awakeCount = 0
    }

    struct State {
        /// In id order, none empty.
        var chunks: [Chunk] = []
        var count = 0
        /// In id order.
        var byPartition: [PartitionID: ContiguousArray<TabletID>] = [:]
        /// Ids that are being created or dropped.
        var reserved: Set<TabletID> = []
    }
}

extension TabletMap.State {
    struct Place {
        var chunk: Int
        var index: Int
        var isFound: Bool
    }

    /// Where the tablet is, or where it would go.
    func place(of id: TabletID) -> Place {
        var (low, high) = (0, chunks.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].entries[0].id <= id { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return Place(chunk: 0, index: 0, isFound: false) }
        let chunk = low - 1
        (low, high) = (0, chunks[chunk].entries.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[chunk].entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        let isFound = low < chunks[chunk].entries.count && chunks[chunk].entries[low].id == id
        return Place(chunk: chunk, index: low, isFound: isFound)
    }

    /// Another form of a tablet that is here.
    mutating func put(_ tablet: ServedTablet) {
        let place = place(of: tablet.id)
        precondition(place.isFound, "tablet \(tablet.id) is not served")
        let before = chunks[place.chunk].entries[place.index].awake != nil
        chunks[place.chunk].entries[place.index] = tablet
        chunks[place.chunk].awakeCount += (tablet.awake != nil ? 1 : 0) - (before ? 1 : 0)
    }

    mutating func insert(_ tablet: ServedTablet, at place: Place) {
        count += 1
        let isAwake = tablet.awake != nil ? 1 : 0
        var (chunk, index) = (place.chunk, place.index)
        if chunks.isEmpty || (chunk == chunks.count - 1 && index == TabletMap.Chunk.limit) {
            // In order, as a start and a creation of many bring them: full chunks.
            var fresh = TabletMap.Chunk()
            fresh.entries.reserveCapacity(TabletMap.Chunk.limit)
            chunks.append(fresh)
            (chunk, index) = (chunks.count - 1, 0)
        } else if chunks[chunk].entries.count == TabletMap.Chunk.limit {
            split(chunk)
            if index > chunks[chunk].entries.count {
                index -= chunks[chunk].entries.count
                chunk += 1
            }
        }
        chunks[chunk].entries.insert(tablet, at: index)
        chunks[chunk].awakeCount += isAwake
    }

    private mutating func split(_ chunk: Int) {
        let half = chunks[chunk].entries.count / 2
        var second = TabletMap.Chunk()
        second.entries.reserveCapacity(TabletMap.Chunk.limit)
        second.entries.append(contentsOf: chunks[chunk].entries[half...])
        second.awakeCount = second.entries.count { $0.awake != nil }
        chunks[chunk].entries.removeSubrange(half...)
        chunks[chunk].awakeCount -= second.awakeCount
        chunks.insert(second, at: chunk + 1)
    }

    mutating func remove(at place: Place) -> ServedTablet {
        count -= 1
        let gone = chunks[place.chunk].entries.remove(at: place.index)
        if gone.awake != nil { chunks[place.chunk].awakeCount -= 1 }
        if chunks[place.chunk].entries.isEmpty {
            chunks.remove(at: place.chunk)
        } else if place.chunk + 1 < chunks.count,
            chunks[place.chunk].entries.count + chunks[place.chunk + 1].entries.count <= TabletMap.Chunk.limit / 2
        {
            let next = chunks.remove(at: place.chunk + 1)
            chunks[place.chunk].entries.append(contentsOf: next.entries)
            chunks[place.chunk].awakeCount += next.awakeCount
        }
        return gone
    }

    /// Goes through the first chunk with tablets in use at or behind `start`.
    /// - Parameter rest: the tablet at rest; nil: it stays as it is. Called while nothing else has the tablet.
    /// - Returns: the tablets that went to rest, and where to go on (nil: that was all).
    mutating func restChunk(
        from start: TabletID?, _ rest: (Tablet) -> RestingTablet?
    ) -> (gone: [Tablet], next: TabletID?) {
        var gone: [Tablet] = []
        var chunk = start.map { place(of: $0).chunk } ?? 0
        while chunk < chunks.count, chunks[chunk].awakeCount == 0 { chunk += 1 }
        guard chunk < chunks.count else { return ([], nil) }
        chunks[chunk].entries.withUnsafeMutableBufferPointer { entries in
            guard let first = entries.baseAddress else { return }
            for index in entries.indices {
                guard var tablet = first[index].awake else { continue }
                // Out of the chunk while it is asked: the map's own reference would be a second one.
                (first + index).deinitialize(count: 1)
                guard isKnownUniquelyReferenced(&tablet), let resting = rest(tablet) else {
                    (first + index).initialize(to: .awake(tablet))
                    continue
                }
                (first + index).initialize(to: .resting(resting))
                gone.append(tablet)
            }
        }
        chunks[chunk].awakeCount -= gone.count
        let following = chunk + 1 < chunks.count ? chunks[chunk + 1].entries[0].id : nil
        return (gone, following)
    }

    mutating func addToPartition(_ id: TabletID, _ partition: PartitionID) {
        let ids = byPartition[partition] ?? []
        if let last = ids.last, last > id {
            let place = ids.partitionPoint { $0 < id }
            byPartition[partition]?.insert(id, at: place)
        } else {
            byPartition[partition, default: []].append(id)
        }
    }

    mutating func removeFromPartition(_ id: TabletID, _ partition: PartitionID) {
        guard let ids = byPartition[partition] else { return }
        let place = ids.partitionPoint { $0 < id }
        guard place < ids.count, ids[place] == id else { return }
        byPartition[partition]?.remove(at: place)
        if byPartition[partition]?.isEmpty == true { byPartition[partition] = nil }
    }
}
