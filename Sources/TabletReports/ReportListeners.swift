public import TabletModel

/// Whom reports tell what they don't act on themselves. Called on the report thread, after the state has taken the report in.
public struct ReportListeners: Sendable {
    /// Rows whose facts changed, as their backend has them.
    public var factsTaken: @Sendable ([TabletReportRow], BackendID) -> Void
    /// Tablets whose policy the backend does not know, or not as it is.
    public var lacksPolicy: @Sendable ([TabletID], BackendID) -> Void
    /// Policies and resources that the backend says it has.
    public var knownRules: @Sendable (KnownRules, BackendID) -> Void
    /// Tablets whose conf is missing, names nobody fit, or is older than the master's.
    public var needsConf: @Sendable ([TabletID]) -> Void

    public init(
        factsTaken: @escaping @Sendable ([TabletReportRow], BackendID) -> Void,
        lacksPolicy: @escaping @Sendable ([TabletID], BackendID) -> Void,
        knownRules: @escaping @Sendable (KnownRules, BackendID) -> Void = { _, _ in },
        needsConf: @escaping @Sendable ([TabletID]) -> Void
    ) {
        self.factsTaken = factsTaken
        self.lacksPolicy = lacksPolicy
        self.knownRules = knownRules
        self.needsConf = needsConf
    }
}
