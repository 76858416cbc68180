public import FrontendElection

/// What becomes of the leader key, as it happens. Blocking; one caller at a time.
public protocol LeaderFeed: Sendable {
    /// Who has the key: as it is at the first call and after a failure, and then at its next change.
    /// - Returns: nil when nothing was told in time, which proves nothing.
    /// - Throws: when nobody knows; the next call begins anew.
    func next(within limit: Duration) throws -> LeaderObservation?
}
