import BackendCore
import BackendHTTP
import CurlHTTP
import NodeConfiguration
import S3Store
import StorageEngine
import TabletModel
import ThriftRPC

// Where the keys of be.conf go. One place, so that a key without effect is easy to find.

extension LiveConfiguration<BackendConfiguration> {
    /// What HTTP shows and changes of it.
    var settings: BackendSettings {
        BackendSettings {
            self.current.shownSettings.map {
                BackendSetting(name: $0.name, type: $0.type.rawValue, value: $0.value, isMutable: $0.isRuntime)
            }
        } change: { (changes, persists) throws(BackendSettings.Refusal) in
            do throws(ConfigurationChangeRefusal) {
                try self.change(changes.map { ($0.name, $0.value) }, persists: persists)
            } catch {
                throw BackendSettings.Refusal(reasons: error.reasons)
            }
        }
    }
}

extension BackendConfiguration {
    /// Of all downloads of snapshots together.
    var downloadBytesPerSecond: Int { download.maxSpeedKibibytes << 10 }

    var engineOptions: EngineOptions {
        var options = EngineOptions()
        options.maxPushBytes = Int64(download.maxBytes)
        options.targetBlockBytes = storage.segmentBlockBytes
        options.maxSegmentBytes = Int64(storage.segmentMaxBytes)
        options.pendingExpiry = reports.pendingDataExpiry
        options.versionMissGrace = reports.versionMissGrace
        options.reportVersionStyle =
            switch reports.versionStyle {
            case .auto: .auto
            case .max: .newest
            case .continuous: .continuous
            }
        options.trashExpiry = sweep.trashExpiry
        options.staleRowsetExpiry = compaction.staleExpiry
        options.compaction = compactionOptions
        options.floodStageUsagePercent = Int64(storage.floodStageUsagePercent)
        options.floodStageLeftBytes = Int64(storage.floodStageLeftBytes)
        options.configuredClusterID = clusterID < 0 ? nil : Int32(clusterID)
        return options
    }

    private var compactionOptions: CompactionOptions {
        var options = CompactionOptions()
        options.minRowsets = compaction.minRowsets
        options.maxRowsets = compaction.maxRowsets
        options.promotionBytes = Int64(compaction.promotionMebibytes) << 20
        options.promotionMinBytes = Int64(compaction.promotionMinMebibytes) << 20
        options.promotionPercent = Int64(compaction.promotionPercent)
        options.baseMinRowsets = compaction.baseMinRowsets
        options.baseMinPercent = Int64(compaction.baseMinPercent)
        return options
    }

    var backendOptions: BackendOptions {
        var options = BackendOptions()
        options.createWorkers = workers.createTablet
        options.dropWorkers = workers.dropTablet
        options.pushWorkers = workers.pushNormal
        options.highPushWorkers = workers.pushHigh
        options.deleteWorkers = workers.delete
        options.publishWorkers = workers.publishVersion
        options.clearTransactionWorkers = workers.clearTransaction
        options.cloneWorkers = workers.clone
        options.snapshotWorkers = workers.snapshot
        options.releaseSnapshotWorkers = workers.releaseSnapshot
        options.checksumWorkers = workers.checkConsistency
        options.alterWorkers = workers.alterTablet
        options.migrateWorkers = workers.migrate
        options.uploadWorkers = workers.upload
        options.downloadWorkers = workers.download
        options.cooldownWorkers = cooldown.threads
        options.queueLimit = workers.queueLimit
        options.cooldownRunsPerDir = cooldown.concurrencyPerDir
        options.publishWait = reports.publishWait
        options.wireDialect = wireDialect.dialect
        options.finishRefusalLimit = reports.finishTaskRefusalLimit
        options.finishRetryBase = reports.finishTaskRetryBase
        options.finishRetryLimit = reports.finishTaskRetryLimit
        options.taskReportInterval = reports.taskInterval
        options.diskReportInterval = reports.diskInterval
        options.tabletReportInterval = reports.tabletInterval
        options.reportJitter = reports.jitter
        options.policyRefreshInterval = reports.policyRefreshInterval
        options.diskCheckInterval = storage.diskCheckInterval
        options.compactsByItself = !compaction.isDisabled
        options.compactionInterval = compaction.checkInterval
        options.compactionThreads = compaction.threads
        options.compactionRunsPerDir = compaction.tasksPerDir
        options.cooldownInterval = cooldown.interval
        options.cooldownFailurePause = cooldown.interval * 10
        options.maxSweepInterval = sweep.maxInterval
        options.minSweepInterval = sweep.minInterval
        options.unusedRemoteFilesInterval = cooldown.removeUnusedInterval
        options.confirmUnusedInterval = cooldown.confirmUnusedInterval
        return options
    }

    var cloneSettings: CloneSettings {
        var settings = CloneSettings()
        settings.parallelFiles = download.cloneFiles
        settings.lowSpeedBytesPerSecond = Int64(download.lowSpeedKibibytes) << 10
        settings.lowSpeedSeconds = download.silenceLimit.components.seconds
        return settings
    }

    var s3Settings: S3StoreSettings {
        var settings = S3StoreSettings()
        settings.partBytes = Int64(s3.multipartBytes)
        settings.multipartFromBytes = min(4 * settings.partBytes, S3StoreSettings.largestPutBytes)
        settings.hashedMultipartFromBytes = min(8 * settings.partBytes, S3StoreSettings.largestPutBytes)
        settings.parallelParts = s3.partsInFlight
        settings.retry.maximumAttempts = s3.retryLimit + 1
        return settings
    }

    var httpClient: HTTPClientConfiguration {
        HTTPClientConfiguration(name: "http", caFile: s3.caFile.isEmpty ? nil : s3.caFile)
    }

    var thriftLimits: ServerLimits {
        var limits = ServerLimits()
        limits.maxConnections = Int32(thrift.maxConnections)
        limits.maxMessageBytes = Int64(thrift.maxMessageBytes)
        limits.maxStringBytes = Int32(thrift.maxStringBytes)
        limits.maxContainerElements = Int32(thrift.maxContainerElements)
        limits.memoryBudgetBytes = Int64(thrift.maxInFlightBytes)
        limits.messageDeadline = thrift.messageDeadline
        if thrift.idleTimeout > .zero { limits.idleLimit = thrift.idleTimeout }
        return limits
    }

    var masterClient: ClientSettings {
        var settings = ClientSettings(callTimeout: thrift.callTimeout)
        settings.connectTimeout = thrift.connectTimeout
        return settings
    }
}

extension BackendConfiguration {
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
