public import ClusterMetadata

/// The edit log as it grows, for those who follow. Blocking; one caller at a time.
public protocol LogFeed: Sendable {
    /// The entries behind the log id, in order and without a gap; empty when none came in time.
    /// - Throws: `JournalError.truncated`: it begins later by now, and an image has to stand for what is missing; `.behindImage`: it
    ///   ends before the log id, so it is another log, or has lost its data; `.otherCluster`; anything else means that nobody
    ///   knows. All of them are asked again later.
    func next(after logID: Int64, within limit: Duration) throws -> [JournalEntry]
}
