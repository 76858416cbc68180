internal import TabletModel

/// What a follower changes to stand on the remote prefix: pure (design.md, cooldown protocol 6).
///
/// There is a plan whenever the replica holds every version of the prefix, wherever its own rowsets end, but for one case:
/// it has rows beyond the prefix in the object store already. The uploader has those to upload yet, and will
/// (docs/cooldown.md, "Why followers arrive").
struct FollowPlan: Hashable {
    /// Ids that go, in version order.
    var remove: [RowsetID]
    /// Remote rowsets that come, in version order: those whose objects the follower is about to depend on.
    var add: [RowsetMeta]
    /// Of rowsets that go, what lies beyond the remote end and stays local, in version order.
    var keep: [RowsetTail] = []

    /// Walks both lists from version 0 and replaces from the first rowset that differs up to the remote end.
    ///
    /// - Parameters:
    ///   - local: visible rowsets in version order.
    ///   - remote: the remote meta's rowsets: remote, in version order, without a gap from 0 (its decoder checked that).
    /// - Throws: `.behind` when local versions up to the remote end are missing; `.ahead` when rows beyond it are remote
    ///   already; `.differs` when the numbers of rows show that the prefix holds others than this replica; `.mergedDelete`
    ///   when the prefix ends inside a rowset that a delete behind that end was merged into: which of the prefix's rows that
    ///   delete took is not known any more.
    init(local: [RowsetMeta], remote: [RowsetMeta], tablet: TabletID) throws(CooldownError) {
        guard let end = remote.last?.versions.end else {
            throw .emptyRemoteMeta(tablet)
        }
        let covered = local.prefix { $0.versions.start <= end }
        var next = Version(0)
        for rowset in covered {
            guard rowset.versions.start == next else { throw .behind(tablet, end: next.previous, remoteEnd: end) }
            next = rowset.versions.end.next
        }
        guard next > end, let last = covered.last else {
            throw .behind(tablet, end: next.previous, remoteEnd: end)
        }

        // Of the covered rows those that the prefix lacks; all of them must be in the last rowset, and beyond the end. What
        // was written counts: each replica drops deleted rows in its own time.
        let remoteRows = remote.reduce(0) { $0 + $1.writtenRows }
        let ownRows = covered.reduce(0) { $0 + $1.writtenRows }
        let surplus = ownRows - remoteRows
        guard next == end.next ? surplus == 0 : (0...last.rowCount).contains(surplus) else {
            throw .differs(tablet, upTo: end, rows: ownRows, through: last.versions.end, remoteRows: remoteRows)
        }
        if next > end.next {
            guard last.lastDelete <= end else {
                throw .mergedDelete(tablet, last.versions, delete: last.lastDelete, remoteEnd: end)
            }
            keep.append(
                RowsetTail(rowset: last, versions: VersionRange(end.next, last.versions.end), rowCount: surplus))
        }
        // Empty versions of an earlier uploader's prefix that this one does not bother to take along.
        let beyond = local.dropFirst(covered.count).filter(\.isRemote)
        keep += beyond.map { RowsetTail(rowset: $0, versions: $0.versions, rowCount: $0.rowCount) }
        if let tail = keep.first(where: { $0.rowset.isRemote && $0.rowCount > 0 }) {
            throw .ahead(tablet, end: tail.versions.end, remoteEnd: end)
        }

        var same = 0
        while same < covered.count, same < remote.count, covered[same].id == remote[same].id { same += 1 }
        remove = covered.dropFirst(same).map(\.id) + beyond.map(\.id)
        add = Array(remote.dropFirst(same))
    }
}
