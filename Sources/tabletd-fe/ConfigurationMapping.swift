import ClusterMetadata
import CurlHTTP
import EtcdClient
import FrontendElection
import LocalFileSystem
import MasterCore
import MasterServices
import MySQLProtocol
import MySQLServer
import NodeConfiguration
import Platform
import TabletModel
import ThriftRPC

// Where the keys of fe.conf go. One place, so that a key without effect is easy to find.

extension FrontendConfiguration {
    /// nil: drawn at random on the first start, and whatever it is afterwards.
    var configuredClusterID: Int32? { clusterID < 0 ? nil : Int32(clusterID) }

    var mysql: MySQLConfiguration {
        var settings = MySQLConfiguration(host: address.bindHost, port: sql.port)
        settings.keys = "query_port and bind_host"
        settings.conversation.messageLimit = sql.maxPacketBytes
        settings.connectionLimit = sql.maxConnections
        settings.idleTimeout = sql.idleLimit
        return settings
    }

    /// nil: none is configured. - Throws: `StartError.badPassword`.
    func initialRootPassword() throws -> String? {
        sql.initialRootPasswordFile.isEmpty ? nil : try passwordLine(sql.initialRootPasswordFile)
    }

    var metadataCacheBytes: Int { journal.cacheBytes }

    var checkpoints: CheckpointTrigger {
        CheckpointTrigger(
            rollEntries: Int64(journal.rollCount), interval: journal.checkpointInterval,
            rollBytes: Int64(journal.rollBytes))
    }

    /// - Throws: `StartError.badPassword`.
    func etcdSettings() throws -> EtcdSettings {
        func named(_ text: String) -> String? { text.isEmpty ? nil : text }
        return EtcdSettings(
            endpoints: replication.endpoints, caFile: named(replication.caFile),
            certificateFile: named(replication.certificateFile), keyFile: named(replication.keyFile),
            user: named(replication.user), password: try named(replication.passwordFile).map(passwordLine))
    }

    private func passwordLine(_ path: String) throws -> String {
        let line: String?
        do {
            line = try LocalFileSystem().firstLine(of: path)
        } catch {
            throw StartError.badPassword(path: path, reason: "\(error)")
        }
        guard let line else { throw StartError.badPassword(path: path, reason: "it is empty") }
        return line
    }

    var etcdPrefix: String { replication.prefix }
    var isReplicated: Bool { replication.journalType == .etcd }
    var electionTiming: ElectionTiming {
        // What is looked at is one key: a lead that has ended is noticed at once.
        ElectionTiming(lease: replication.leaderLease, observeEvery: .milliseconds(200))
    }
    var delayToleration: Duration { replication.delayToleration }

    func masterConfiguration(host: String, httpPort: Int, rpcPort: Int32, version: String) -> MasterConfiguration {
        var master = MasterConfiguration(
            host: host, httpPort: Int32(httpPort), rpcPort: rpcPort, version: version,
            spoolDirectory: loads.spoolDir)
        master.isAlone = !isReplicated
        master.allowsSameHost = placement.allowsSameHost
        master.highWatermarkPercent = placement.highWatermarkPercent
        master.tabletCreateTimeout = tasks.createTimeout
        master.taskResendWait = tasks.resendWait
        master.taskSenderThreads = tasks.threads
        master.reportQueueLimit = tasks.reportQueueLimit
        master.stragglerWait = tasks.stragglerWait
        master.stragglerPatience = tasks.stragglerPatience
        master.publishWait = tasks.publishWait
        master.recoversWithEmptyTablet = placement.recoversWithEmptyTablet
        master.loadTimeout = loads.timeout
        master.runningLoadLimit = loads.maxRunning
        master.maxLoadBytes = Int64(loads.maxLoadBytes)
        master.spoolLimitBytes = Int64(loads.spoolLimitBytes)
        master.cooldownConfTimeout = cooldown.jobTimeout
        master.cooldownRound = cooldown.jobInterval
        master.activeCooldownJobs = cooldown.maxActiveJobs
        master.repair = repairConfiguration
        return master
    }

    private var repairConfiguration: RepairConfiguration {
        var configuration = RepairConfiguration()
        configuration.isDisabled = repair.isDisabled
        configuration.checkInterval = repair.checkInterval
        configuration.scheduleInterval = repair.scheduleInterval
        configuration.slotsPerPath = repair.slotsPerPath
        configuration.maxScheduling = repair.maxScheduling
        configuration.deadBackendGrace = repair.deadBackendGrace
        configuration.catchUpDelay = repair.catchUpDelay
        configuration.surplusDelay = repair.surplusDelay
        configuration.minCloneTimeout = repair.minCloneTimeout
        configuration.maxCloneTimeout = repair.maxCloneTimeout
        configuration.dropsDrainedBackends = repair.dropsDrainedBackends
        configuration.disablesDiskBalance = repair.disablesDiskBalance
        configuration.diskBalanceThresholdPercent = repair.diskBalanceThresholdPercent
        configuration.diskBalanceBatch = repair.diskBalanceBatch
        return configuration
    }

    func heartbeatConfiguration(host: String, httpPort: Int, rpcPort: Int32) -> HeartbeatConfiguration {
        HeartbeatConfiguration(
            master: NetworkAddress(host: host, port: rpcPort), httpPort: Int32(httpPort),
            interval: heartbeats.interval, failureTolerance: heartbeats.failureTolerance,
            reportTimeout: heartbeats.reportTimeout, threads: heartbeats.threads,
            queueLimit: heartbeats.queueLimit, wireDialect: wireDialect.dialect)
    }

    var s3Client: HTTPClientConfiguration {
        HTTPClientConfiguration(name: "s3", caFile: backups.caFile.isEmpty ? nil : backups.caFile)
    }

    var heartbeatClient: ClientSettings {
        var settings = ClientSettings(callTimeout: heartbeats.timeout)
        settings.connectTimeout = min(thrift.connectTimeout, heartbeats.timeout)
        return settings
    }

    var agentClient: ClientSettings {
        var settings = ClientSettings(callTimeout: thrift.callTimeout)
        settings.connectTimeout = thrift.connectTimeout
        return settings
    }

    var serverLimits: ServerLimits {
        var limits = ServerLimits()
        limits.maxConnections = Int32(thrift.maxConnections)
        limits.maxMessageBytes = Int64(thrift.maxMessageBytes)
        limits.maxStringBytes = Int32(thrift.maxStringBytes)
        limits.maxContainerElements = Int32(thrift.maxContainerElements)
        limits.memoryBudgetBytes = Int64(thrift.maxInFlightBytes)
        limits.maxReportBytes = min(limits.maxReportBytes, limits.memoryBudgetBytes)
        limits.messageDeadline = thrift.messageDeadline
        if thrift.idleTimeout > .zero { limits.idleLimit = thrift.idleTimeout }
        return limits
    }
}

extension FrontendConfiguration {
    /// nil: Thrift is plain.
    func thriftKeys() throws -> ThriftTLS? {
        guard tls.isOn else { return nil }
        return try ThriftTLS(
            TLSFiles(
                certificate: tls.certificateFile, key: tls.keyFile,
                authorities: tls.caFile.isEmpty ? nil : tls.caFile))
    }

    /// How this daemon's Thrift ports use the keys.
    func thriftPorts(_ keys: ThriftTLS?) -> ServerTLS? {
        keys.map {
            ServerTLS($0, mode: tls.mode == .require ? .on : .both, requiresClientCertificate: tls.verifiesClients)
        }
    }
}
