/// An error that stands: nothing like what failed has succeeded since.
public struct StandingError: Hashable, Sendable {
    public var message: String
    /// The newest failure.
    public var lastAt: UnixTime
    /// The first failure after the last success.
    public var since: UnixTime

    public init(message: String, lastAt: UnixTime, since: UnixTime) {
        self.message = message
        self.lastAt = lastAt
        self.since = since
    }
}

/// `TResourceUse`: what a backend has with one storage resource.
public struct ResourceUse: Hashable, Sendable {
    /// The id in digits, or the name that rowsets have for a resource that is not known.
    public var resource: String
    public var isKnown: Bool
    /// Of the resource as the backend works with it.
    public var version: Int64
    /// Tablets with rowsets in it.
    public var tablets: Int64
    /// Records of remote garbage that wait for their deletion.
    public var garbage: Int64
    public var error: StandingError?

    public init(
        resource: String, isKnown: Bool, version: Int64 = 0, tablets: Int64 = 0, garbage: Int64 = 0,
        error: StandingError? = nil
    ) {
        self.resource = resource
        self.isKnown = isKnown
        self.version = version
        self.tablets = tablets
        self.garbage = garbage
        self.error = error
    }
}

/// `TCooldownFailure`: a tablet whose cooldown fails.
public struct CooldownFailure: Hashable, Sendable {
    public var tabletID: TabletID
    public var error: StandingError

    public init(tabletID: TabletID, error: StandingError) {
        self.tabletID = tabletID
        self.error = error
    }
}

/// What a backend says of its storage resources with each disk report.
public struct StorageUse: Hashable, Sendable {
    /// By resource.
    public var resources: [ResourceUse]
    /// Some, not all, when there are many.
    public var failures: [CooldownFailure]

    public init(resources: [ResourceUse] = [], failures: [CooldownFailure] = []) {
        self.resources = resources
        self.failures = failures
    }
}
