public import TabletModel

/// One replica as the choice of an uploader sees it.
public struct CooldownCandidate: Hashable, Sendable {
    public var replicaID: ReplicaID
    public var backendID: BackendID
    /// Its backend is alive and not being decommissioned, and it is neither bad nor missing a version.
    public var isHealthy: Bool
    /// It holds every visible version.
    public var isComplete: Bool
    /// It stands on a remote meta already, so that others need not load anything twice when it goes on.
    public var hasRemoteData: Bool
    /// Its backend is alive, so that it can be told. One that is away learns the conf after its next report.
    public var isReachable: Bool

    public init(
        replicaID: ReplicaID, backendID: BackendID, isHealthy: Bool, isComplete: Bool, hasRemoteData: Bool,
        isReachable: Bool = true
    ) {
        self.replicaID = replicaID
        self.backendID = backendID
        self.isHealthy = isHealthy
        self.isComplete = isComplete
        self.hasRemoteData = hasRemoteData
        self.isReachable = isReachable
    }
}

/// Which replica of a tablet uploads: never by chance (design, "Who chooses the uploader").
public enum CooldownChoice {
    /// The healthy, complete replica on the backend that uploads the fewest tablets; a replica that has remote data
    /// already goes before one that has none, and the lower replica id decides a tie. nil when none is fit.
    public static func uploader(
        among candidates: [CooldownCandidate], uploadsByBackend: [BackendID: Int]
    ) -> CooldownCandidate? {
        candidates.filter { $0.isHealthy && $0.isComplete }.min { left, right in
            if left.hasRemoteData != right.hasRemoteData { return left.hasRemoteData }
            let leftLoad = uploadsByBackend[left.backendID] ?? 0
            let rightLoad = uploadsByBackend[right.backendID] ?? 0
            return leftLoad == rightLoad ? left.replicaID < right.replicaID : leftLoad < rightLoad
        }
    }
}
