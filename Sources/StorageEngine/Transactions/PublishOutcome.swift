public import TabletModel

/// What a publish does with a tablet that lacks the version before the one to publish.
public enum VersionGapRule: Sendable {
    /// Leaves it pending and says so, for another try.
    case wait
    /// Publishes over the hole; the tablet reports the missing version.
    case accept
}

/// What one attempt of a publish came to. Tablets in none of the lists but `published` needed nothing.
public struct PublishOutcome: Hashable, Sendable {
    public struct Failure: Hashable, Sendable {
        public var tabletID: TabletID
        public var error: EngineError

        public init(tabletID: TabletID, error: EngineError) {
            self.tabletID = tabletID
            self.error = error
        }

        /// As an FE sees it.
        public var status: RPCStatus { RPCStatus(describing: error) }
    }

    /// Hold the version now, durably; those that held it before are in here too.
    public var published: [TabletID] = []
    /// Lack the version before: nothing has changed for them.
    public var waiting: [TabletID] = []
    public var failures: [Failure] = []

    public init(published: [TabletID] = [], waiting: [TabletID] = [], failures: [Failure] = []) {
        self.published = published
        self.waiting = waiting
        self.failures = failures
    }
}
