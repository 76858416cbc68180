internal import RowConditions
internal import TabletModel

/// Which rows of some rowsets, read together, later deletes among them take away. Used by one thread.
///
/// A delete at version v goes for the rowsets that end before v. Those that end later hold nothing of before v that it holds
/// for: where a merge went past a delete it began at version 0 and left the rows out (`CompactionPick`), and all other
/// rowsets end before a delete or begin behind it.
struct DeleteFilter {
    /// Rowsets that the same deletes go for share its matcher.
    private struct Current {
        var deletes: Int
        var matcher: RowMatcher
        var rowset: RowsetID
        var gone: GoneRows
    }

    private let tablet: TabletID
    private let cache: GoneRowsCache
    private let deletes: [(version: Version, test: RowTest)]
    private let delimiter: UInt8
    private var current: Current?

    /// nil when none of the rowsets is a delete.
    /// - Throws: `.brokenTablet` when a delete does not fit the tablet's columns: nobody knows then which rows are gone.
    init?(
        _ rowsets: [Rowset], schema: TabletSchema, tablet: TabletID, cache: GoneRowsCache
    ) throws(EngineError) {
        var deletes: [(version: Version, test: RowTest)] = []
        for rowset in rowsets {
            guard let predicate = rowset.meta.deletePredicate else { continue }
            do throws(ConditionError) {
                deletes.append((rowset.meta.versions.end, try RowTest(predicate.conditions, schema: schema)))
            } catch {
                throw .brokenTablet(tablet, reason: "the delete of version \(rowset.meta.versions.end): \(error)")
            }
        }
        guard let last = deletes.last, rowsets.contains(where: { $0.meta.versions.end < last.version }) else {
            return nil
        }
        // A delete needs a delimiter, as its check knows.
        guard let delimiter = schema.delimiter else { return nil }
        self.tablet = tablet
        self.cache = cache
        self.deletes = deletes
        self.delimiter = delimiter
    }

    /// Some delete goes for the rowset.
    func concerns(_ rowset: Rowset) -> Bool { deletes.last.map { rowset.meta.versions.end < $0.version } ?? false }

    /// What readers see of a block of the rowset: the same block where nothing of it is gone.
    mutating func visible(_ rows: RowBlock, of rowset: Rowset, segment: Int, block: Int) -> RowBlock {
        guard let current = take(rowset) else { return rows }
        switch current.gone[segment, block] {
        case .none: return rows
        case .some(let gone): return rows.leavingOut(gone)
        case .unknown:
            let gone = rows.rows(goneBy: current.matcher)
            cache.learn(gone, of: current.gone, rowset.meta.id, tablet: tablet, segment: segment, block: block)
            return gone.map { rows.leavingOut($0) } ?? rows
        }
    }

    /// nil: no delete goes for the rowset.
    private mutating func take(_ rowset: Rowset) -> Current? {
        if let current, current.rowset == rowset.meta.id { return current }
        let end = rowset.meta.versions.end
        let count = deletes.count - deletes.partitionPoint { $0.version <= end }
        guard count > 0 else { return nil }
        let tests = deletes.suffix(count).map(\.test)
        let gone = cache.rows(of: rowset.meta.id, tablet: tablet, deletes: tests)
        let matcher: RowMatcher =
            if let current, current.deletes == count { current.matcher } else {
                RowMatcher(tests, delimiter: delimiter)
            }
        let made = Current(deletes: count, matcher: matcher, rowset: rowset.meta.id, gone: gone)
        current = made
        return made
    }
}
