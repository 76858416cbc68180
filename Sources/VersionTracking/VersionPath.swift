public import TabletModel

/// The rowsets to read for exactly the versions from 0 to one version, as ranges in order.
///
/// Mostly a path is a prefix of the visible rowsets: it then shares the tracker's storage, and nothing is copied. A tracker
/// that changes while such a path lives copies its ranges first, so let go of it soon.
public struct VersionPath: RandomAccessCollection, Sendable {
    @usableFromInline let visible: ContiguousArray<VersionRange>
    /// So many of the path's ranges, from the first, are the tablet's first visible rowsets, index by index: nobody
    /// needs to look these up.
    public let prefixCount: Int
    /// What follows the prefix: stale rowsets, or a mixture of both kinds.
    @usableFromInline let rest: [VersionRange]

    init(visible: ContiguousArray<VersionRange>, prefixCount: Int, rest: [VersionRange] = []) {
        self.visible = visible
        self.prefixCount = prefixCount
        self.rest = rest
    }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { prefixCount + rest.count }
    @inlinable public subscript(position: Int) -> VersionRange {
        precondition(position >= 0 && position < endIndex, "the path has no rowset there")
        return position < prefixCount ? visible[position] : rest[position - prefixCount]
    }
}

extension VersionPath: Hashable {
    public static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for range in self { hasher.combine(range) }
    }
}
