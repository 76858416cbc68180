internal import RowConditions
internal import TabletModel

/// Which rows of some rowsets, read together, later deletes among them take away. Used by one thread.
///
/// A delete at version v goes for the rowsets that end before v. Those that end later hold nothing of before v that it holds
/// for: where a merge went past a delete it began at version 0 and left the rows out (`CompactionPick`), and all other
/// rowsets end before a delete or begin behind it.
struct DeleteFilter {
    private let deletes: [(version: Version, test: RowTest)]
    private let delimiter: UInt8
    /// For so many deletes, the newest of them; made once for all rowsets that the same go for.
    private var matcher: (deletes: Int, matcher: RowMatcher)?

    /// nil when none of the rowsets is a delete.
    /// - Throws: `.brokenTablet` when a delete does not fit the tablet's columns: nobody knows then which rows are gone.
    init?(_ rowsets: [Rowset], schema: TabletSchema, tablet: TabletID) throws(EngineError) {
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
        self.deletes = deletes
        self.delimiter = delimiter
    }

    /// Some delete goes for the rowset.
    func concerns(_ rowset: Rowset) -> Bool { deletes.last.map { rowset.meta.versions.end < $0.version } ?? false }

    /// What readers see of a block of the rowset: the same block where nothing of it is gone.
    mutating func visible(_ block: RowBlock, of rowset: Rowset) -> RowBlock {
        let end = rowset.meta.versions.end
        let count = deletes.count - deletes.partitionPoint { $0.version <= end }
        guard count > 0 else { return block }
        if matcher?.deletes != count {
            matcher = (count, RowMatcher(deletes.suffix(count).map(\.test), delimiter: delimiter))
        }
        guard var (_, matcher) = matcher else { return block }
        // Taken out, so that it is changed in place.
        self.matcher = nil
        defer { self.matcher = (count, matcher) }
        return block.leavingOut { matcher.anyHolds(for: $0) }
    }
}
