import ClusterMetadata
import EtcdClient
import EtcdMetadata
import Glibc
import Logging
import NodeConfiguration
import Platform
import TabletModel

/// Which cluster an FE over etcd belongs to: the one of its meta_dir; at its first start a new one, or its helper's. Waits for an
/// etcd that does not answer, and for being added; nothing is made before that is known.
struct FirstStart {
    let configuration: FrontendConfiguration
    let address: NetworkAddress
    /// Of VERSION and ROLE.
    let folder: String
    let files: any FileSystem
    let client: EtcdClient
    let journal: EtcdJournal
    let peers: PeerClient
    let logger: Logger

    private var prefix: String { configuration.etcdPrefix }

    /// - Returns: the id of the cluster; nil: the meta_dir says, and agrees.
    func cluster(helper: String?) throws -> Int32? {
        let mark = try awaited("etcd does not answer yet; it is asked again") {
            try EtcdClusterMark(client, prefix: prefix).read(within: .seconds(2))
        }
        if try files.exists(folder + "/VERSION"), try files.exists(folder + "/ROLE") {
            let own = try own(mark)
            if let helper { try compare(with: helper) }
            return own
        }
        if let helper { return try join(helper, mark) }
        return try found(mark)
    }

    private func own(_ mark: EtcdClusterMark.Mark?) throws -> Int32 {
        let own = try ClusterIdentity.read(folder: folder, files: files).clusterID
        guard let mark else { throw StartError.lostCluster(prefix: prefix, own: own) }
        guard mark.clusterID == own else {
            throw StartError.otherCluster(prefix: prefix, found: mark.clusterID, own: own)
        }
        return own
    }

    /// A restart needs no helper; one that is given and answers must be of the same cluster.
    private func compare(with helper: String) throws {
        let own = try ClusterIdentity.read(folder: folder, files: files)
        let version: (clusterID: Int32, token: String)
        do {
            version = try peers.version(from: helper)
        } catch let error as PeerClient.NotYet {
            return logger.warning("the helper was not asked", metadata: ["answer": "\(error)"])
        }
        guard version.clusterID == own.clusterID, version.token == own.token else {
            let what = version.clusterID == own.clusterID ? "another token" : "cluster \(version.clusterID)"
            throw PeerError(
                """
                the helper \(helper) has \(what), and \(folder)/VERSION says otherwise: restore that file, or start this frontend \
                with the meta_dir that it had
                """)
        }
    }

    /// Of a new cluster. A first start that a crash broke off goes on.
    private func found(_ mark: EtcdClusterMark.Mark?) throws -> Int32 {
        let id = configuration.configuredClusterID ?? Int32(1 + SystemRandomSource().next(below: UInt64(Int32.max) - 1))
        let wanted = EtcdClusterMark.Mark(clusterID: id, founder: "\(address)")
        let there = try mark ?? EtcdClusterMark(client, prefix: prefix).claim(wanted, within: .seconds(5))
        guard there.founder == wanted.founder, try journal.lastLogID == 0 else {
            throw StartError.clusterIsThere(prefix: prefix, clusterID: there.clusterID, founder: there.founder)
        }
        return there.clusterID
    }

    private func join(_ helper: String, _ mark: EtcdClusterMark.Mark?) throws -> Int32 {
        let (role, name) = try awaited(
            "this FE is not one of the cluster yet: add it with `tabletctl add-frontend \(address) --role follower`, or observer"
        ) { try peers.role(of: address, from: helper) }
        let version = try peers.version(from: helper)
        if let mark, mark.clusterID != version.clusterID {
            throw StartError.otherCluster(prefix: prefix, found: mark.clusterID, own: version.clusterID)
        }
        guard mark != nil else { throw StartError.lostCluster(prefix: prefix, own: version.clusterID) }
        if let configured = configuration.configuredClusterID, configured != version.clusterID {
            throw PeerError(
                "cluster_id = \(configured), and the helper \(helper) is of cluster \(version.clusterID): set that to -1"
            )
        }
        try files.createDirectory(folder)
        try ClusterIdentity.join(
            clusterID: version.clusterID, token: version.token, role: role, nodeName: name, folder: folder,
            files: files)
        logger.notice(
            "joined", metadata: ["cluster_id": "\(version.clusterID)", "role": "\(role)", "name": "\(name)"])
        return version.clusterID
    }

    /// Asks until there is an answer; says each time that there is none.
    private func awaited<Answer>(_ text: String, _ ask: () throws -> Answer) throws -> Answer {
        while true {
            do {
                return try ask()
            } catch let error as PeerClient.NotYet {
                logger.warning("\(text)", metadata: ["answer": "\(error)"])
            } catch let error as EtcdError where error.code == .unavailable {
                logger.warning("\(text)", metadata: ["error": "\(error)"])
            }
            usleep(2_000_000)
        }
    }
}
