public import Platform
public import TabletModel

/// Where a segment's bytes come from: a local file, or ranged reads of an object. Any thread.
public protocol SegmentSource: Sendable {
    var sizeBytes: Int64 { get }
    /// How much one read should fetch when the whole segment is going to be read: round trips cost, and so does memory.
    var readAheadBytes: Int { get }
    /// Exactly `range`; a shorter source is an error of its own kind.
    func read(_ range: Range<Int64>) throws -> [UInt8]
}

/// A segment in a local file.
public struct FileSegmentSource: SegmentSource {
    private let file: any ReadableFile
    public init(_ file: any ReadableFile) { self.file = file }
    public var sizeBytes: Int64 { file.sizeBytes }
    public var readAheadBytes: Int { 256 << 10 }
    public func read(_ range: Range<Int64>) throws -> [UInt8] {
        try file.read(count: Int(range.upperBound - range.lowerBound), at: range.lowerBound)
    }
}

/// Opens the segments of remote rowsets; the cooldown part of the engine has one over object stores.
public protocol RemoteSegmentProvider: Sendable {
    /// The source of segment `index` of a rowset whose location is remote. Need not touch the network yet.
    func source(for rowset: RowsetMeta, segment index: Int) throws -> any SegmentSource
    /// What is wrong with the segment's object by the store's own word: it is not there, or not as large as it was written.
    /// nil when nothing is. May ask the network.
    /// - Throws: when the store can't say: it can't be reached, refuses, or has no such bucket.
    func fault(of rowset: RowsetMeta, segment index: Int) throws -> String?
    /// Whether rowsets that name this storage resource can be opened here.
    func isKnown(_ resource: String) -> Bool
    /// Where a storage policy cools to; nil when that is not known.
    func resource(ofPolicy name: String) -> String?
}
