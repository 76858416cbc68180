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
    /// The appends whose outcome is unknown; nil when all is known and only writing is impossible.
    var open: Open?

    struct Open: Hashable, Sendable {
        /// In their order: one is there only if those before it are.
        var appends: [[JournalEntry]]

        /// How many of them the entries are, whole; nil: the entries are something else.
        func count(in entries: [JournalEntry]) -> Int? {
            var left = entries[...]
            for (number, append) in appends.enumerated() {
                if left.isEmpty { return number }
                guard left.starts(with: append) else { return nil }
                left = left.dropFirst(append.count)
            }
            return left.isEmpty ? appends.count : nil
        }
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

/// How a trouble ended: metadata can be written again. Or a part of it, where of several changes some are durable and the others are
/// settled next.
public struct MetadataSettlement: Hashable, Sendable {
    public let trouble: MetadataTrouble
    /// The changes whose outcome was unknown, if there were any.
    public let entries: [JournalEntry]
    /// They are durable and applied; otherwise nothing of them is there.
    public let isDurable: Bool
}
