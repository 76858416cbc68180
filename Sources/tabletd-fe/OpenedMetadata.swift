import ClusterMembership
import ClusterMetadata
import EtcdClient
import EtcdMetadata
import LocalFileSystem
import Logging
import NodeConfiguration
import Platform
import RocksDBStore
import TabletModel
import ThreadRuntime

/// The metadata of this FE, read from image and edit log, wherever that lies.
final class OpenedMetadata: Sendable {
    enum Log: Sendable {
        case embedded(ReopeningStore)
        case etcd(EtcdClient, EtcdJournal)
    }

    let store: MetadataStore
    let log: Log
    /// Nobody else uses the folder while this process lives.
    private let lock: (any FileLock)?

    /// - Parameters:
    ///   - address: host and rpc port, which name this FE.
    ///   - helper: an FE of a cluster that this one is to join, `host:http_port`; nil at a first start makes a new cluster.
    init(
        _ configuration: FrontendConfiguration, address: NetworkAddress, helper: String?, scheduler: ThreadScheduler,
        peers: PeerClient, logger: Logger
    ) throws {
        let files = LocalFileSystem()
        let folder = configuration.journal.metaDir
        try files.createDirectory(folder)
        try files.syncDirectory(parentDirectory(of: folder))
        lock = try MetadataLock.take(folder, files)
        if lock == nil {
            logger.warning(
                "the folder of the metadata can't be locked: see that no other FE uses it",
                metadata: ["folder": "\(folder)"])
        }
        let images = folder + "/image"
        let standing: MetadataStanding
        let journal: any Journal
        var clusterID = configuration.configuredClusterID
        if !configuration.isReplicated {
            if helper != nil { throw StartError.helperNeedsEtcd }
            let opened = try ReopeningStore(
                RocksDBStoreOpener(cacheBytes: configuration.metadataCacheBytes, logger: logger),
                path: folder + "/journal")
            log = .embedded(opened)
            (journal, standing) = (KeyValueJournal(opened), .leads)
        } else {
            let client = try EtcdClient(try configuration.etcdSettings())
            let replicated = EtcdJournal(client, prefix: configuration.etcdPrefix)
            log = .etcd(client, replicated)
            (journal, standing) = (replicated, .follows)
            clusterID = try FirstStart(
                configuration: configuration, address: address, folder: images, files: files, client: client,
                journal: replicated, peers: peers, logger: logger
            ).cluster(helper: helper)
        }
        store = try MetadataStore.open(
            folder: images, files: files, journal: journal, nodeName: "\(address.host)_\(address.port)",
            clusterID: clusterID, random: SystemRandomSource(),
            checkpoints: configuration.checkpoints,
            time: scheduler, gates: ThreadGates(), standing: standing, logger: logger)
        try store.checkRole()
    }

    func close() {
        switch log {
        case .embedded(let store): store.close()
        case .etcd(let client, _): client.shutdown()
        }
    }
}

/// Why an FE can't start as it was told.
enum StartError: Error, CustomStringConvertible {
    case helperNeedsEtcd
    case clusterIsThere(prefix: String, clusterID: Int32, founder: String)
    case otherCluster(prefix: String, found: Int32, own: Int32)
    case lostCluster(prefix: String, own: Int32)
    case badPassword(path: String, reason: String)

    var description: String {
        switch self {
        case .helperNeedsEtcd:
            "--helper joins a cluster of several frontends, and journal_type = embedded is for one: set journal_type = etcd as there"
        case .clusterIsThere(let prefix, let id, let founder):
            """
            below etcd_prefix \(prefix) lies cluster \(id) already, which \(founder) made: start with --helper HOST:PORT of one of its \
            frontends to join it, or choose another etcd_prefix for a new cluster
            """
        case .otherCluster(let prefix, let found, let own):
            "below etcd_prefix \(prefix) lies cluster \(found), and meta_dir is of cluster \(own): set the etcd_prefix of that one"
        case .lostCluster(let prefix, let own):
            """
            below etcd_prefix \(prefix) there is no cluster, and meta_dir is of cluster \(own): etcd_endpoints and etcd_prefix name \
            another etcd, or it has lost its data; restore its snapshot (docs/operations.md). This frontend does not begin \
            anew by itself
            """
        case .badPassword(let path, let reason): "etcd_password_file \(path): \(reason)"
        }
    }
}

/// What another frontend said, or that none did.
struct PeerError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
