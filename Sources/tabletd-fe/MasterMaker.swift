import AccessControl
import ClusterMetadata
import CurlHTTP
import FrontendRoles
import LocalFileSystem
import Logging
import MasterCore
import MasterServices
import NodeConfiguration
import Platform
import S3Store
import TabletModel
import ThreadRuntime
import ThriftRPC

/// Makes masters over the metadata of this FE: the one of its life, or one for each term.
struct MasterMaker: Sendable {
    let configuration: FrontendConfiguration
    let host: String
    let httpPort: Int
    let rpcPort: Int32
    /// Another one after each start.
    let processUUID: Int64
    let store: MetadataStore
    /// For the meta files of backups.
    let client: HTTPClient
    /// For calls to backends and other frontends; nil: they are plain.
    let thriftKeys: ThriftTLS?
    let logger: Logger

    /// At the first start, `root` gets the password of the configuration. Not again: who took it away meant it.
    func giveRootItsPassword(by master: Master) {
        guard store.read({ !$0.hasStoredRoot }) else { return }
        do {
            guard let line = try configuration.initialRootPassword() else { return }
            try master.setPassword(of: User.root, to: PasswordHash(of: line))
        } catch {
            logger.error(
                "root has no password yet: set one from this machine, or mend the file and restart",
                metadata: ["reason": "\(error)"])
        }
    }

    /// - Parameters:
    ///   - epoch: see `Master`.
    ///   - mayAct: asked before each call to a backend.
    func make(
        epoch: Int64?, scheduler: any Scheduler, mayAct: (@Sendable () -> Bool)? = nil
    ) throws -> Master {
        let direct = ThriftBackendConnector(
            heartbeat: configuration.heartbeatClient, agent: configuration.agentClient, tls: thriftKeys)
        var master = configuration.masterConfiguration(
            host: host, httpPort: httpPort, rpcPort: rpcPort, version: FrontendDaemon.version)
        var heartbeat = configuration.heartbeatConfiguration(host: host, httpPort: httpPort, rpcPort: rpcPort)
        master.queryPort = Int32(configuration.sql.port)
        master.httpScheme = configuration.tls.callsUseTLS ? "https" : "http"
        (master.processUUID, heartbeat.processUUID) = (processUUID, processUUID)
        return Master(
            configuration: master, heartbeat: heartbeat,
            store: store, epoch: epoch,
            connector: mayAct.map { FencedConnector(direct, mayAct: $0) } ?? direct,
            frontends: ThriftFrontendConnector(configuration.heartbeatClient, tls: thriftKeys),
            stores: try S3ObjectStoreProvider(client: client, log: logger), fileSystem: LocalFileSystem(),
            scheduler: scheduler, random: SystemRandomSource(), logger: logger)
    }
}
