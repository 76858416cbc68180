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

    /// The first local rowset, if the first one with rows (or a delete, which followers need as well) is due and no version before that is missing. Rowsets cool in
    /// version order, empty ones too; those have no write time that means anything. A tablet without any row is left alone,
    /// and so are empty versions at its end (`contract/behaviour.md` §6, "Pick rowset"). Pure.
    ///
    /// - Parameter rowsets: visible ones in version order.
    init?(_ rowsets: some Sequence<RowsetMeta>, policy: StoragePolicyEntry, now: UnixTime) {
        guard let first = FirstLocal(rowsets), first.gap == nil,
            let due = policy.dueAt(newestWrite: first.rows.newestWrite), due <= now
        else { return nil }
        rowset = first.rowset
        dueAt = due
    }
}

/// Where the remote prefix of a tablet goes on. nil when no local rowset has rows or deletes any, or the prefix is broken: a remote rowset
/// stands behind a gap or a local one, and nothing may be uploaded.
struct FirstLocal {
    /// The first local rowset, perhaps empty.
    private(set) var rowset: RowsetMeta
    /// The first one with rows, or with a delete: it says when both are due.
    private(set) var rows: RowsetMeta
    /// The last version before the first gap, if that comes before `rows`.
    private(set) var gap: Version?

    init?(_ rowsets: some Sequence<RowsetMeta>) {
        var (first, withRows): (RowsetMeta?, RowsetMeta?)
        var next = Version(0)
        for meta in rowsets {
            if meta.isRemote {
                guard first == nil, gap == nil, meta.versions.start == next else { return nil }
            } else {
                first = first ?? meta
                if withRows == nil {
                    if gap == nil, meta.versions.start != next { gap = next.previous }
                    if meta.hasContent { withRows = meta }
                }
            }
            next = meta.versions.end.next
        }
        guard let first, let withRows else { return nil }
        (rowset, rows) = (first, withRows)
    }
}
