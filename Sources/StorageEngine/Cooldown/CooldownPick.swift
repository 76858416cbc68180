public import TabletModel

extension StoragePolicyEntry {
    /// When a rowset of this newest write is due: the earlier of the write plus the ttl, and the fixed moment; nil when
    /// the policy sets neither (`contract/behaviour.md` §6).
    public func dueAt(newestWrite: UnixTime) -> UnixTime? {
        let byAge = cooldownTTLSeconds.flatMap { ttl -> UnixTime? in
            guard ttl >= 0 else { return nil }
            let (milliseconds, overflow) = ttl.multipliedReportingOverflow(by: 1000)
            let (due, carry) = newestWrite.milliseconds.addingReportingOverflow(milliseconds)
            return overflow || carry ? nil : UnixTime(milliseconds: due)
        }
        let byMoment = cooldownAt.flatMap { $0.milliseconds > 0 ? $0 : nil }
        return switch (byAge, byMoment) {
        case (let age?, let moment?): min(age, moment)
        default: byAge ?? byMoment
        }
    }
}

/// The rowset to cool next and since when it has been due.
struct CooldownPick: Hashable {
    var rowset: RowsetMeta
    var dueAt: UnixTime

    /// The first local rowset, if it continues the remote prefix and is due. Rowsets cool in version order, empty ones
    /// too, so that followers align; but a tablet without any row, or without a due rowset that has rows, is left
    /// alone (`contract/behaviour.md` §6, "Pick rowset"). Pure.
    ///
    /// - Parameter rowsets: visible ones in version order.
    init?(_ rowsets: some Sequence<RowsetMeta>, policy: StoragePolicyEntry, now: UnixTime) {
        var candidate: CooldownPick?
        var hasDueRows = false
        var next = Version(0)
        for rowset in rowsets {
            if rowset.isRemote {
                // A remote rowset behind a gap or a local one: the prefix is broken, nothing may be uploaded.
                guard candidate == nil, rowset.versions.start == next else { return nil }
            } else {
                let due = policy.dueAt(newestWrite: rowset.newestWrite)
                if candidate == nil {
                    guard rowset.versions.start == next, let due, due <= now else { return nil }
                    candidate = CooldownPick(rowset: rowset, dueAt: due)
                }
                if rowset.rowCount > 0, rowset.versions.start == next, let due, due <= now { hasDueRows = true }
            }
            // Beyond a gap nothing counts but remote rowsets, which must not be there.
            if rowset.versions.start == next { next = rowset.versions.end.next }
        }
        guard hasDueRows, let candidate else { return nil }
        self = candidate
    }

    private init(rowset: RowsetMeta, dueAt: UnixTime) {
        self.rowset = rowset
        self.dueAt = dueAt
    }
}
