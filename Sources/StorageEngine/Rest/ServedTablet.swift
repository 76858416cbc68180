internal import TabletModel

/// A tablet as the map of them has it: in use, or at rest. What stands here is answered without waking it.
enum ServedTablet: Sendable {
    case awake(Tablet)
    case resting(RestingTablet)

    var id: TabletID {
        switch self {
        case .awake(let tablet): tablet.id
        case .resting(let tablet): tablet.id
        }
    }

    var dataDir: DataDir {
        switch self {
        case .awake(let tablet): tablet.dataDir
        case .resting(let tablet): tablet.dataDir
        }
    }

    var header: TabletHeader {
        switch self {
        case .awake(let tablet): tablet.header
        case .resting(let tablet): tablet.header
        }
    }

    var partitionID: PartitionID {
        switch self {
        case .awake(let tablet): tablet.partitionID
        case .resting(let tablet): tablet.partitionID
        }
    }

    var replicaID: ReplicaID {
        switch self {
        case .awake(let tablet): tablet.replicaID
        case .resting(let tablet): tablet.replicaID
        }
    }

    /// The tablet itself, if it is in use.
    var awake: Tablet? {
        if case .awake(let tablet) = self { tablet } else { nil }
    }

    var stat: TabletStat {
        switch self {
        case .awake(let tablet): tablet.stat
        case .resting(let tablet):
            TabletStat(
                tabletID: tablet.id, dataSizeBytes: tablet.sums.localBytes, rowCount: tablet.sums.rowCount,
                versionCount: Int64(tablet.sums.rowsetCount), remoteDataSizeBytes: tablet.sums.remoteBytes)
        }
    }

    /// The storage resources that visible rowsets name.
    var resourceNames: Set<String> {
        switch self {
        case .awake(let tablet): tablet.resourceNames
        case .resting(let tablet): tablet.rare?.resource.map { [$0] } ?? []
        }
    }

    /// The row for an answer about this tablet alone.
    func singleRow(prefixOnly: Bool) -> TabletReportRow {
        switch self {
        case .awake(let tablet): tablet.singleRow(prefixOnly: prefixOnly)
        case .resting(let tablet): tablet.row
        }
    }

    func compactionNeed(_ options: CompactionOptions) -> CompactionNeed {
        switch self {
        case .awake(let tablet): tablet.compactionNeed(options)
        case .resting(let tablet): tablet.sums.need
        }
    }

    /// Something of it has to be in its folder.
    var needsFolder: Bool {
        switch self {
        case .awake(let tablet): tablet.localRowsets.contains { !$0.meta.segments.isEmpty }
        case .resting(let tablet): tablet.sums.hasFiles
        }
    }

    /// No version is missing, and it can be read as far as is known.
    var isWhole: Bool {
        switch self {
        case .awake(let tablet): tablet.snapshot.isComplete && tablet.singleRow.isUsed
        case .resting: true
        }
    }
}

/// All served tablets at one moment, in id order. Shares its storage with the map.
struct ServedTablets: Sendable, RandomAccessCollection {
    private let chunks: [TabletMap.Chunk]
    /// Index of each chunk's first tablet, and the count of all at the end.
    private let starts: [Int]

    init(_ chunks: [TabletMap.Chunk]) {
        self.chunks = chunks
        var starts: [Int] = [0]
        starts.reserveCapacity(chunks.count + 1)
        for chunk in chunks { starts.append(starts[starts.count - 1] + chunk.entries.count) }
        self.starts = starts
    }

    /// Those others.
    func without(_ isLeftOut: (ServedTablet) -> Bool) -> ServedTablets {
        ServedTablets(
            chunks.compactMap { chunk in
                let entries = chunk.entries.filter { !isLeftOut($0) }
                let left = ContiguousArray(entries)
                return left.isEmpty ? nil : TabletMap.Chunk(entries: left, awakeCount: left.count { $0.awake != nil })
            })
    }

    var startIndex: Int { 0 }
    var endIndex: Int { starts[starts.count - 1] }

    subscript(index: Int) -> ServedTablet {
        let chunk = starts.partitionPoint { $0 <= index } - 1
        return chunks[chunk].entries[index - starts[chunk]]
    }

    func served(_ id: TabletID) -> ServedTablet? {
        let chunk = chunks.partitionPoint { $0.entries[0].id <= id } - 1
        guard chunk >= 0 else { return nil }
        let place = chunks[chunk].entries.partitionPoint { $0.id < id }
        guard place < chunks[chunk].entries.count, chunks[chunk].entries[place].id == id else { return nil }
        return chunks[chunk].entries[place]
    }

    /// Calls `body` with the tablets of `range` in order.
    func forEach(in range: Range<Int>, _ body: (Int, borrowing ServedTablet) -> Void) {
        var index = range.lowerBound
        var chunk = starts.partitionPoint { $0 <= index } - 1
        while index < range.upperBound {
            let first = starts[chunk]
            chunks[chunk].entries.withUnsafeBufferPointer { entries in
                while index < range.upperBound, index - first < entries.count {
                    body(index, entries[index - first])
                    index += 1
                }
            }
            chunk += 1
        }
    }

    func makeIterator() -> Iterator { Iterator(chunks: chunks) }

    struct Iterator: IteratorProtocol {
        fileprivate let chunks: [TabletMap.Chunk]
        fileprivate var chunk = 0
        fileprivate var place = 0

        mutating func next() -> ServedTablet? {
            while chunk < chunks.count {
                if place < chunks[chunk].entries.count {
                    place += 1
                    return chunks[chunk].entries[place - 1]
                }
                chunk += 1
                place = 0
            }
            return nil
        }
    }
}
