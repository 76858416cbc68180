internal import Logging
internal import Platform
internal import StoredFormats
internal import TabletModel

/// Headers that follow each other, and the part of the rowset records that belongs to them.
struct HeaderGroup: Sendable {
    enum Header: Sendable {
        /// With no rowsets yet.
        case plain(RestingTablet)
        case other(TabletHeader)

        var id: TabletID {
            switch self {
            case .plain(let tablet): tablet.id
            case .other(let header): header.tabletID
            }
        }
    }

    /// From 0 upward in id order.
    var number: Int
    var headers: [Header] = []
    /// Tablets with a header that can't be read: their rowsets are kept for repair, not removed.
    var unreadable: Set<TabletID> = []
    /// The rowset records of the group: from this key …
    var firstRowset: [UInt8]
    /// … to before those of this tablet; nil: to the last.
    var followingTablet: TabletID?
}

/// Reads the headers of a dir in groups. Used by one thread at a time.
struct HeaderReader {
    private static let groupSize = 4096
    private let dir: DataDir
    private let engine: StorageEngine
    /// nil: all were read.
    private var nextHeader: [UInt8]? = MetaKeys.headers
    private var nextRowset = MetaKeys.rowsets
    private var groupCount = 0
    private var headerCount = 0
    /// Traits by table, with the bytes of the schema they were made of.
    private var known: [TableID: (schema: [UInt8], isInMemory: Bool, traits: TabletTraits)] = [:]

    init(dir: DataDir, engine: StorageEngine) {
        self.dir = dir
        self.engine = engine
    }

    /// nil: there are no more.
    mutating func next() throws -> HeaderGroup? {
        guard let start = nextHeader else { return nil }
        var group = HeaderGroup(number: groupCount, firstRowset: nextRowset)
        group.headers.reserveCapacity(Self.groupSize)
        groupCount += 1
        var following: (header: [UInt8], tablet: TabletID)?
        try dir.scanMeta(prefix: MetaKeys.headers, from: start) { key, value in
            guard let id = MetaKeys.tablet(ofKey: key) else { return true }
            guard group.headers.count < Self.groupSize else {
                following = (Array(key), id)
                return false
            }
            do {
                group.headers.append(try header(value, of: id))
            } catch {
                group.unreadable.insert(id)
                engine.logger.error(
                    "bad record in the meta store",
                    metadata: ["data_dir": "\(dir.path)", "tablet": "\(id)", "error": "\(error)"])
            }
            return true
        }
        nextHeader = following?.header
        if let following { nextRowset = MetaKeys.rowsets(of: following.tablet) }
        group.followingTablet = following?.tablet
        headerCount += group.headers.count
        if following == nil { engine.loading.counted(headerCount, in: dir.path) }
        return group
    }

    private mutating func header(
        _ record: UnsafeRawBufferPointer, of id: TabletID
    ) throws(StoredFormatError) -> HeaderGroup.Header {
        if let plain = PlainTabletHeader(record: record), plain.tabletID == id {
            return .plain(try resting(plain, record))
        }
        return .other(try decoded(record, of: id))
    }

    private func decoded(
        _ record: UnsafeRawBufferPointer, of id: TabletID
    ) throws(StoredFormatError) -> TabletHeader {
        var header = try TabletHeaderRecord.decode(record)
        guard header.tabletID == id else {
            throw StoredFormatError("tablet header \(id)", .invalidField("tablet_id", value: "\(header.tabletID)"))
        }
        header.schema = engine.schemas.shared(header.schema)
        return header
    }

    private mutating func resting(
        _ plain: PlainTabletHeader, _ record: UnsafeRawBufferPointer
    ) throws(StoredFormatError) -> RestingTablet {
        if let known = known[plain.tableID], known.isInMemory == plain.isInMemory,
            known.traits.schemaHash == plain.schemaHash, plain.schema.hasSameBytes(as: known.schema)
        {
            return RestingTablet(plain, traits: known.traits)
        }
        let traits = engine.traits.traits(of: try decoded(record, of: plain.tabletID), in: dir)
        known[plain.tableID] = (Array(plain.schema), plain.isInMemory, traits)
        return RestingTablet(plain, traits: traits)
    }
}

extension RestingTablet {
    fileprivate init(_ plain: PlainTabletHeader, traits: TabletTraits) {
        self.init(
            id: plain.tabletID, replicaID: plain.replicaID, partitionID: plain.partitionID, uid: plain.uid,
            createdAt: plain.createdAt, cumulativePoint: plain.cumulativePoint, shardID: plain.shardID, traits: traits)
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes at a time: each of a million headers has its schema compared.
    fileprivate func hasSameBytes(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return other.withUnsafeBytes { other in
            var place = 0
            while count - place >= 8 {
                let words = (
                    loadUnaligned(fromByteOffset: place, as: UInt64.self),
                    other.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                )
                guard words.0 == words.1 else { return false }
                place += 8
            }
            return self[place...].elementsEqual(other[place...])
        }
    }
}
