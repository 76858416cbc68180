internal import ClusterMetadata
internal import EtcdClient
internal import EtcdMetadata
internal import Foundation
internal import FrontendElection
internal import FrontendRoles
internal import LocalFileSystem
internal import Logging
internal import Platform
internal import ServerFixtures
internal import TabletModel
internal import ThreadRuntime

/// The metadata of one that leads over a log in etcd, and of those who follow it, all in this process.
final class FollowedLog {
    static let prefix = "/tabletd/bench"

    let client: EtcdClient
    let leader: MetadataStore
    private let folder: String
    private let scheduler = ThreadScheduler()
    private let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    /// Elects itself for an hour; there is no other.
    init(_ etcd: EtcdServers, folder: String) throws {
        self.folder = folder
        client = try EtcdClient(EtcdSettings(endpoints: etcd.endpoints))
        let election = EtcdElection(client, prefix: Self.prefix)
        let lease = try election.grant(ttl: .seconds(3600), within: .seconds(10)).lease
        let record = LeaderRecord(
            nodeName: "bench", host: "127.0.0.1", editLogPort: 1, httpPort: 2, rpcPort: 1, epoch: 1)
        guard let fence = try election.campaign(lease, as: record, within: .seconds(10)).holder?.fence else {
            throw BenchError("nobody was elected")
        }
        let journal = EtcdJournal(client, prefix: Self.prefix)
        _ = try journal.begin(fence)
        try LocalFileSystem().createDirectory(folder)
        leader = try Self.open(folder + "/leader", journal, .leads, scheduler, logger)
    }

    private static func open(
        _ folder: String, _ journal: EtcdJournal, _ standing: MetadataStanding, _ scheduler: ThreadScheduler,
        _ logger: Logger
    ) throws -> MetadataStore {
        try MetadataStore.open(
            folder: folder, files: LocalFileSystem(), journal: journal, nodeName: "bench", clusterID: 1,
            random: SystemRandomSource(), time: scheduler, gates: ThreadGates(), standing: standing, logger: logger)
    }

    /// One that has nothing yet, and reads all that is there.
    func openFollower(_ name: String) throws -> MetadataStore {
        let home = folder + "/" + name
        let files = LocalFileSystem()
        try files.createDirectory(home)
        try ClusterIdentity.join(
            clusterID: 1, token: leader.identity.token, role: FrontendRole.follower.rawValue, nodeName: name,
            folder: home, files: files)
        return try Self.open(home, EtcdJournal(client, prefix: Self.prefix), .follows, scheduler, logger)
    }

    /// Keeps the follower's as the leader's are, until it is stopped.
    func replayer(of follower: MetadataStore) -> LogReplayer {
        LogReplayer(
            store: follower, feed: EtcdLogFeed(client, prefix: Self.prefix, time: scheduler),
            fetchImage: { throw BenchError("the log was truncated") }, scheduler: scheduler,
            random: SystemRandomSource(), logger: logger)
    }

    /// Sizes of the batches behind a log id, as they lie in etcd.
    func batchBytes(after logID: Int64) throws -> [Int] {
        var sizes: [Int] = []
        var next = key(logID + 1)
        while true {
            let page = try client.range(
                EtcdRangeQuery(.range(from: next, to: Self.prefix + "/log/g"), limit: 64), deadline: .seconds(10))
            sizes += page.values.map(\.value.count)
            guard page.hasMore, let last = page.values.last else { return sizes }
            next = last.key + "0"
        }
    }

    private func key(_ logID: Int64) -> String { Self.prefix + "/log/" + String(format: "%016llx", logID) }

    func stop() {
        client.shutdown()
        _ = scheduler.shutdown(drainingFor: .seconds(5))
    }
}
