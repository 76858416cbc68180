internal import Platform
internal import StoredFormats
internal import Synchronization
internal import TabletModel

/// Makes the tablets of a group of headers. Plain ones go to rest at once, without ever having been a `Tablet`; the others are
/// made in full, and rest then if they can.
struct GroupLoader {
    struct Outcome: Sendable {
        var served: [TabletMap.Chunk] = []
        var arriving: [Tablet] = []
        var shutDown: [Tablet] = []
        /// Keys of rowsets without a header, which a drop left behind.
        var orphans: [[UInt8]] = []
        var unreadable: Set<TabletID> = []
        var badRecords = 0
        var tabletCount = 0
    }

    private(set) var outcome = Outcome()
    private let loader: DirLoader
    private let group: HeaderGroup
    private var sums = PlainSums()
    /// Of the plain tablets; the others are counted when they are made.
    private var plainBytes: Int64 = 0
    private var made: [ServedTablet?]
    /// Places in the group that have to be made in full.
    private var odd: [Int] = []

    init(_ loader: DirLoader, _ group: HeaderGroup) {
        self.loader = loader
        self.group = group
        made = Array(repeating: nil, count: group.headers.count)
        outcome.unreadable = group.unreadable
        outcome.badRecords = group.unreadable.count
    }

    private var dir: DataDir { loader.dir }

    mutating func load() throws {
        try readRowsets()
        for place in odd { try makeInFull(place) }
        for case let tablet? in made { outcome.serve(tablet) }
        dir.localBytes.add(plainBytes, ordering: .relaxed)
        outcome.tabletCount = group.headers.count
    }

    private mutating func readRowsets() throws {
        var next = 0
        // Mostly a record belongs to the tablet of the one before.
        var owner: (id: TabletID, kind: Owner)?
        try dir.scanMeta(prefix: MetaKeys.rowsets, from: group.firstRowset) { key, value in
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            if owner?.id != id {
                if let following = group.followingTablet, id >= following { return false }
                while next < group.headers.count, group.headers[next].id < id {
                    finish(next)
                    next += 1
                }
                owner = (id, kind(of: id, at: next))
            }
            switch owner?.kind {
            case .plain: sums.add(value, of: id)
            case .other, .unreadable: break
            case .missing, nil: outcome.orphans.append(Array(key))
            }
            return true
        }
        while next < group.headers.count {
            finish(next)
            next += 1
        }
    }

    /// What a rowset record has for a header.
    private enum Owner { case plain, other, unreadable, missing }

    /// - Parameter place: of the first header that is not before the tablet's.
    private func kind(of id: TabletID, at place: Int) -> Owner {
        guard place < group.headers.count, group.headers[place].id == id else {
            return group.unreadable.contains(id) ? .unreadable : .missing
        }
        return if case .plain = group.headers[place] { .plain } else { .other }
    }

    /// All rowsets of the header were read.
    private mutating func finish(_ place: Int) {
        defer { sums.clear() }
        guard case .plain(var tablet) = group.headers[place], loader.stale.records[tablet.id] == nil,
            let found = sums.finish(tablet, loader.engine.options.compaction)
        else {
            odd.append(place)
            return
        }
        tablet.sums = found
        plainBytes += found.localBytes
        made[place] = .resting(tablet)
    }

    private mutating func makeInFull(_ place: Int) throws {
        let header =
            switch group.headers[place] {
            case .plain(let tablet): tablet.header
            case .other(let header): header
            }
        let id = header.tabletID
        var rowsets: [RowsetMeta] = []
        var breakage: String?
        try dir.scanMeta(prefix: MetaKeys.rowsets(of: id)) { _, value in
            do {
                rowsets.append(try RowsetRecord.decode(value, of: id))
            } catch {
                breakage = "\(error)"
                outcome.badRecords += 1
                loader.noteBad(error, id)
            }
            return true
        }
        let tablet = Tablet(
            header: header, rowsets: rowsets, dataDir: dir, now: loader.engine.environment.time.monotonicNow,
            breakage: breakage)
        guard header.state != .shutdown else { return outcome.shutDown.append(tablet) }
        let stale = loader.stale.stored(of: id)
        if !stale.isEmpty { tablet.restoreStale(stale) }
        if header.move?.stage == .arriving { return outcome.arriving.append(tablet) }
        let resting = tablet.resting(loader.engine.traits, loader.engine.options.compaction)
        made[place] = resting.map { .resting($0) } ?? .awake(tablet)
    }
}

extension GroupLoader.Outcome {
    fileprivate mutating func serve(_ tablet: ServedTablet) {
        if served.last.map({ $0.entries.count == TabletMap.Chunk.limit }) ?? true {
            var chunk = TabletMap.Chunk()
            chunk.entries.reserveCapacity(TabletMap.Chunk.limit)
            served.append(chunk)
        }
        served[served.count - 1].entries.append(tablet)
        if tablet.awake != nil { served[served.count - 1].awakeCount += 1 }
    }
}

/// Sums up the rowset records of one tablet after the other.
private struct PlainSums {
    private var rowsets: [CompactionCandidate] = []
    private var hasFiles = false
    private var isOdd = false

    mutating func clear() {
        rowsets.removeAll(keepingCapacity: true)
        hasFiles = false
        isOdd = false
    }

    mutating func add(_ record: UnsafeRawBufferPointer, of id: TabletID) {
        guard !isOdd, let rowset = PlainRowset(record: record), rowset.tabletID == id else {
            isOdd = true
            return
        }
        hasFiles = hasFiles || rowset.hasSegments
        rowsets.append(
            CompactionCandidate(
                versions: rowset.versions, sizeBytes: rowset.sizeBytes, rowCount: rowset.rowCount, isRemote: false))
    }

    /// nil when the tablet can't rest as it is, or some record is not plain.
    mutating func finish(_ tablet: RestingTablet, _ options: CompactionOptions) -> RowsetSums? {
        guard !isOdd, !rowsets.isEmpty, let count = Int32(exactly: rowsets.count) else { return nil }
        sort()
        var sums = RowsetSums()
        for rowset in rowsets {
            guard rowset.versions.start == sums.version.next else { return nil }
            sums.version = rowset.versions.end
            sums.rowCount += rowset.rowCount
            sums.localBytes += rowset.sizeBytes
        }
        sums.rowsetCount = count
        sums.hasFiles = hasFiles
        sums.need = CompactionNeed(
            rowsets, cumulativePoint: tablet.cumulativePoint, maxContinuousVersion: sums.version, cools: false,
            isAutomatic: !tablet.traits.schema.disableAutoCompaction, options)
        return sums
    }

    /// By version: they come in the order of their ids. Mostly there are a few.
    private mutating func sort() {
        guard rowsets.count < 64 else { return rowsets.sort { $0.versions.start < $1.versions.start } }
        for index in rowsets.indices.dropFirst() {
            let rowset = rowsets[index]
            var place = index
            while place > 0, rowsets[place - 1].versions.start > rowset.versions.start {
                rowsets[place] = rowsets[place - 1]
                place -= 1
            }
            rowsets[place] = rowset
        }
    }
}
