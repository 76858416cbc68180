internal import TabletModel

/// What a follower changes to stand on the remote prefix: pure (design.md, cooldown protocol 6).
struct FollowPlan: Hashable {
    /// Local ids that go, in version order.
    var remove: [RowsetID]
    /// Remote rowsets that come, in version order: those whose objects the follower is about to depend on.
    var add: [RowsetMeta]

    /// Walks both lists from version 0 and replaces from the first rowset that differs up to the remote end.
    ///
    /// - Parameters:
    ///   - local: visible rowsets in version order.
    ///   - remote: the remote meta's rowsets: remote, in version order, without a gap from 0 (its decoder checked that).
    /// - Throws: `.behind` when local versions up to the remote end are missing; `.misaligned` when the local chain has no
    ///   boundary exactly there, or a remote rowset beyond it.
    init(local: [RowsetMeta], remote: [RowsetMeta], tablet: TabletID) throws(CooldownError) {
        guard let end = remote.last?.versions.end else {
            throw .misaligned(tablet, reason: "the remote meta has no rowsets")
        }
        let covered = local.prefix { $0.versions.start <= end }
        var next = Version(0)
        for rowset in covered {
            guard rowset.versions.start == next else { throw .behind(tablet, end: next.previous, remoteEnd: end) }
            next = rowset.versions.end.next
        }
        guard next > end else { throw .behind(tablet, end: next.previous, remoteEnd: end) }
        guard next == end.next else {
            throw .misaligned(
                tablet, reason: "rowset \(covered.last?.versions.description ?? "") spans the remote end \(end)")
        }
        if let beyond = local.dropFirst(covered.count).first(where: \.isRemote) {
            throw .misaligned(tablet, reason: "rowset \(beyond.versions) is remote already, the remote end is \(end)")
        }
        var same = 0
        while same < covered.count, same < remote.count, covered[same].id == remote[same].id { same += 1 }
        remove = covered.dropFirst(same).map(\.id)
        add = Array(remote.dropFirst(same))
    }
}
