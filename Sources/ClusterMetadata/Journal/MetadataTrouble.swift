public import TabletModel

/// Metadata can't be written now: every change is refused, reads go on. Ends with `MetadataStore.settle`.
public struct MetadataTrouble: Hashable, Sendable {
    public let since: UnixTime
    /// For its age.
    public let began: MonotonicTime
    /// What failed first.
    public let reason: String
    /// How often settling was tried, and what the last try met.
    public internal(set) var attempts = 0
    public internal(set) var lastAttempt = ""
    /// The append whose outcome is unknown; nil when all is known and only writing is impossible.
    let open: Open?

    struct Open: Hashable, Sendable {
        var entries: [JournalEntry]
    }

    /// Somebody was told that it is not known whether a change was made.
    public var hasUnknownChange: Bool { open != nil }

    init(since: UnixTime, began: MonotonicTime, reason: String, open: Open?) {
        self.since = since
        self.began = began
        self.reason = reason
        self.open = open
    }
}

/// How a trouble ended: metadata can be written again.
public struct MetadataSettlement: Hashable, Sendable {
    public let trouble: MetadataTrouble
    /// The change whose outcome was unknown, if there was one.
    public let entries: [JournalEntry]
    /// It is durable and applied; otherwise nothing of it is there.
    public let isDurable: Bool
}
