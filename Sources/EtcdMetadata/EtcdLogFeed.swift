public import ClusterMetadata
public import EtcdClient
public import FrontendRoles
public import Platform
internal import Synchronization

/// The log in etcd for a frontend that follows: `EtcdLogFollower`, begun anew where its reader is somewhere else than it was.
public final class EtcdLogFeed: LogFeed {
    /// So many are handed out at once; one that is farther behind comes again.
    private static let batch = 10_000

    private let client: EtcdClient
    private let prefix: String
    private let cluster: Int32?
    private let time: any TimeSource
    private let follower = Mutex<EtcdLogFollower?>(nil)

    private struct Full: Error {}

    /// - Parameter cluster: whose log it has to be; nil: whoever's.
    public init(_ client: EtcdClient, prefix: String, cluster: Int32? = nil, time: any TimeSource) {
        self.client = client
        self.prefix = prefix
        self.cluster = cluster
        self.time = time
    }

    public func next(after logID: Int64, within limit: Duration) throws -> [JournalEntry] {
        try follower.withLock { follower in
            if follower?.next != logID + 1 { follower = nil }
            let current =
                follower ?? EtcdLogFollower(client, prefix: prefix, cluster: cluster, from: logID + 1, time: time)
            follower = current
            var entries: [JournalEntry] = []
            do {
                _ = try current.advance(upTo: limit) { _, entry in
                    guard entries.count < Self.batch else { throw Full() }
                    entries.append(entry)
                }
            } catch is Full {}
            return entries
        }
    }
}
