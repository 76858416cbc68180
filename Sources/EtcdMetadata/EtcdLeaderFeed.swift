public import EtcdClient
public import FrontendElection
public import FrontendRoles
internal import Platform
internal import Synchronization

/// The leader key in etcd, watched; begun anew where a watch breaks off. A member that is stopped or cut off says nothing: whoever
/// must know looks as well (`EtcdElection.observe`).
public final class EtcdLeaderFeed: LeaderFeed {
    private let election: EtcdElection
    private let watch = Mutex<EtcdWatch?>(nil)
    /// To look once.
    private static let lookLimit = Duration.seconds(2)

    /// - Parameter prefix: as the journal's.
    public init(_ client: EtcdClient, prefix: String) { election = EtcdElection(client, prefix: prefix) }

    public func next(within limit: Duration) throws -> LeaderObservation? {
        try watch.withLock { watch in
            guard let current = watch else {
                let seen = try election.observe(within: Self.lookLimit)
                watch = try election.watch(from: seen.revision + 1)
                return seen
            }
            do {
                // Progress is told without events.
                return try current.next(upTo: limit).flatMap { tidings in
                    tidings.events.last.map { election.observation($0) }
                }
            } catch {
                watch = nil
                throw error
            }
        }
    }
}
