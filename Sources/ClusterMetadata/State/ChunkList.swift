/// The packed chunks of an index, by place. They lie in pages, so that a change made while a snapshot is held copies the
/// references of one page and those to the pages: in one array it would copy as many as there are chunks, which at a million
/// tablets took longer than all else that such a change does (measured).
public struct ChunkList: RandomAccessCollection, MutableCollection, Sendable {
    // A million tablets are 7,800 chunks: a change of one chunk copies 32 references, a group of them 250 more.
    private static let shift = 5
    private static let pageSize = 1 << shift

    /// All are full but the last.
    private var pages: [[PackedTablets]] = []
    public private(set) var count = 0

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(place: Int) -> PackedTablets {
        get { pages[place >> Self.shift][place & (Self.pageSize - 1)] }
        _modify { yield &pages[place >> Self.shift][place & (Self.pageSize - 1)] }
    }

    /// - Complexity: the chunks from the first changed page on.
    mutating func replaceSubrange(_ places: Range<Int>, with new: [PackedTablets]) {
        let page = places.lowerBound >> Self.shift
        let kept = page << Self.shift
        var rest = Array(self[Swift.min(kept, count)..<places.lowerBound])
        rest += new
        rest += self[places.upperBound...]
        pages.removeSubrange(Swift.min(page, pages.count)...)
        for start in stride(from: 0, to: rest.count, by: Self.pageSize) {
            pages.append(Array(rest[start..<Swift.min(start + Self.pageSize, rest.count)]))
        }
        count = kept + rest.count
    }

    /// Bytes of heap that the pages take, their chunks apart.
    var memoryBytes: Int {
        pages.reduce(allocatedBytes(arrayOf: pages.capacity * 8)) {
            $0 + allocatedBytes(arrayOf: $1.capacity * 8)
        }
    }
}
