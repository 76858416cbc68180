internal import ClusterMetadata
public import EtcdClient
internal import FrontendElection
public import Logging
public import Platform
internal import TabletModel

/// Carries the edit log of a cluster that does not run from meta_dir to etcd, or back: an image of everything is written and read
/// back first, and the log there begins behind it, at the same log id. Broken off at any point it can be begun again.
public struct JournalMove {
    public struct Outcome: Hashable, Sendable {
        public var clusterID: Int32
        /// Up to here the image covers, and the log goes on behind it.
        public var logID: Int64
    }

    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case occupied(prefix: String, clusterID: Int32)
        case leftovers(prefix: String, last: Int64)
        case otherCluster(prefix: String, found: Int32?, own: Int32)
        case isLed(by: String)
        case behind(known: Int64, end: Int64)
        case embeddedIsThere(path: String)
        case unverified(expected: Int64, found: Int64)

        public var description: String {
            switch self {
            case .occupied(let prefix, let id):
                "below \(prefix) in etcd lies cluster \(id) already: choose another prefix; nothing was changed"
            case .leftovers(let prefix, let last):
                """
                below \(prefix) in etcd lies the edit log of a cluster that was there, up to \(last): choose another prefix, or delete \
                it with `etcdctl del --prefix \(prefix)/`; nothing was changed
                """
            case .otherCluster(let prefix, let found, let own):
                """
                below \(prefix) in etcd lies \(found.map { "cluster \($0)" } ?? "no cluster"), and the meta_dir is of cluster \(own); \
                nothing was changed
                """
            case .isLed(let by):
                "\(by) is the master there: stop all frontends of the cluster first, and wait until its lease has ended; nothing was changed"
            case .behind(let known, let end):
                """
                the edit log ends at \(end), and this meta_dir and the log give only up to \(known): run this where the newest image \
                is (`tabletctl meta info`); nothing was changed
                """
            case .embeddedIsThere(let path):
                "\(path) is there: it is of a time before, move it away; nothing was changed"
            case .unverified(let expected, let found):
                "what was written ends at \(found), it should at \(expected): nothing of the old log was dropped"
            }
        }
    }

    /// Stands for whoever makes the mark of a cluster that was moved there.
    private static let founder = "move-journal"
    private static let limit = Duration.seconds(5)

    private let metaDir: String
    private let files: any FileSystem
    private let stores: any KeyValueStoreOpener
    private let client: EtcdClient
    private let prefix: String
    private let time: any TimeSource
    private let gates: any GateMaker
    private let random: any RandomSource
    private let logger: Logger
    private let lock: (any FileLock)?

    /// - Throws: `FileSystemError`, `.locked` when an FE or a tool has the folder.
    public init(
        _ metaDir: String, files: any FileSystem, stores: any KeyValueStoreOpener, client: EtcdClient, prefix: String,
        time: any TimeSource, gates: any GateMaker, random: any RandomSource, logger: Logger
    ) throws {
        self.metaDir = metaDir
        self.files = files
        self.stores = stores
        self.client = client
        self.prefix = prefix
        self.time = time
        self.gates = gates
        self.random = random
        self.logger = logger
        lock = try files.lock(metaDir + "/lock")
    }

    private var images: String { metaDir + "/image" }
    private var embedded: String { metaDir + "/journal" }
    private var mark: EtcdClusterMark { EtcdClusterMark(client, prefix: prefix) }

    /// The journal's folder is kept as `journal.before-etcd`: what follows is not in it.
    public func toEtcd() throws -> Outcome {
        let own = try ClusterIdentity.read(folder: images, files: files).clusterID
        let journal = EtcdJournal(client, prefix: prefix)
        if let there = try mark.read(within: Self.limit), there.clusterID != own || there.founder != Self.founder {
            throw Refusal.occupied(prefix: prefix, clusterID: there.clusterID)
        }
        let store = try ReopeningStore(stores, path: embedded)
        defer { store.close() }
        let metadata = try open(KeyValueJournal(store), .leads)
        let end = try imaged(metadata)
        let last = try journal.lastLogID
        guard last == 0 || last == end else { throw Refusal.leftovers(prefix: prefix, last: last) }
        let claimed = try mark.claim(
            EtcdClusterMark.Mark(clusterID: own, founder: Self.founder), within: Self.limit)
        guard claimed.clusterID == own else {
            throw Refusal.occupied(prefix: prefix, clusterID: claimed.clusterID)
        }
        try leading(journal) {
            if end > 0 { try journal.truncate(upTo: end) }
            let (found, truncated) = (try journal.lastLogID, try journal.truncatedLogID)
            guard found == end, truncated == end else { throw Refusal.unverified(expected: end, found: found) }
        }
        store.close()
        try files.rename(embedded, to: embedded + ".before-etcd")
        try files.syncDirectory(metaDir)
        return Outcome(clusterID: own, logID: end)
    }

    /// The cluster's mark in etcd goes last: other frontends that are started over it refuse from then on. Its log stays there.
    public func toEmbedded() throws -> Outcome {
        let own = try ClusterIdentity.read(folder: images, files: files).clusterID
        let found = try mark.read(within: Self.limit)?.clusterID
        guard found == own else { throw Refusal.otherCluster(prefix: prefix, found: found, own: own) }
        let journal = EtcdJournal(client, prefix: prefix)
        var end: Int64 = 0
        try leading(journal) {
            let metadata = try open(journal, .follows)
            let last = try journal.lastLogID
            guard metadata.lastLogID == last else { throw Refusal.behind(known: metadata.lastLogID, end: last) }
            end = try imaged(metadata)
            let store = try ReopeningStore(stores, path: embedded)
            defer { store.close() }
            let new = KeyValueJournal(store)
            let there = try new.lastLogID
            guard there == 0 || there == end else { throw Refusal.embeddedIsThere(path: embedded) }
            try new.truncate(upTo: end)
            guard try new.lastLogID == end else { throw Refusal.unverified(expected: end, found: try new.lastLogID) }
            try mark.remove(within: Self.limit)
        }
        return Outcome(clusterID: own, logID: end)
    }

    private func open(_ journal: any Journal, _ standing: MetadataStanding) throws -> MetadataStore {
        try MetadataStore.open(
            folder: images, files: files, journal: journal, nodeName: "", random: random, time: time, gates: gates,
            standing: standing, logger: logger)
    }

    /// Up to where an image, durable and read back, covers everything.
    private func imaged(_ metadata: MetadataStore) throws -> Int64 {
        if metadata.imageLogID < metadata.lastLogID { _ = try metadata.checkpointKeepingLog() }
        return metadata.lastLogID
    }

    /// Nobody else leads meanwhile.
    private func leading(_ journal: EtcdJournal, _ body: () throws -> Void) throws {
        let election = EtcdElection(client, prefix: prefix)
        let lease = try election.grant(ttl: .seconds(60), within: Self.limit).lease
        defer { try? election.resign(lease, within: Self.limit) }
        let record = LeaderRecord(
            nodeName: Self.founder, host: "", editLogPort: 0, httpPort: 0, rpcPort: 0, epoch: 0)
        let holder = try election.campaign(lease, as: record, within: Self.limit).holder
        guard let holder, holder.lease == lease else {
            throw Refusal.isLed(by: holder?.record.nodeName ?? "a frontend")
        }
        _ = try journal.begin(holder.fence)
        defer { journal.endTerm() }
        try body()
    }
}
