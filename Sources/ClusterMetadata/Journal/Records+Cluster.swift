internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

// Backends, storage names and transactions, and their protobuf form (proto/edit_log.proto), both ways.

extension Backend {
    var record: EditLogBackendRecord {
        var record = EditLogBackendRecord()
        record.id = id.rawValue
        record.host = host
        record.heartbeatPort = heartbeatPort
        record.bePort = bePort
        record.httpPort = httpPort
        record.brpcPort = brpcPort
        record.version = version
        if let startedAt { record.startedAtMs = startedAt.milliseconds }
        record.nodeRole = nodeRole
        record.isDecommissioned = isDecommissioned
        if let uuid { record.uuid = uuid.description }
        if let dialect { record.dialect = dialect.rawValue }
        if let place { (record.cluster, record.shard) = (place.cluster, place.shard) }
        return record
    }

    init(_ record: EditLogBackendRecord) {
        self.init(id: BackendID(record.id), host: record.host, heartbeatPort: record.heartbeatPort)
        bePort = record.bePort
        httpPort = record.httpPort
        brpcPort = record.brpcPort
        version = record.version
        startedAt = record.hasStartedAtMs ? UnixTime(milliseconds: record.startedAtMs) : nil
        nodeRole = record.nodeRole
        isDecommissioned = record.isDecommissioned
        uuid = BackendUUID(text: record.uuid)
        place = record.hasCluster ? ShardPlace(cluster: record.cluster, shard: record.shard) : nil
        // An older build kept the version alone, which tells ours.
        dialect = record.hasDialect ? WireDialect(rawValue: record.dialect) : isOurs ? .tabletd : nil
    }
}

extension StorageResource {
    var record: EditLogResourceRecord {
        var record = EditLogResourceRecord()
        record.id = id
        record.name = name
        record.version = version
        record.endpoint = s3.endpoint
        record.region = s3.region
        record.accessKey = s3.accessKey
        record.secretKey = s3.secretKey
        if let token = s3.sessionToken { record.sessionToken = token }
        record.bucket = s3.bucket
        record.rootPath = s3.rootPath
        record.usePathStyle = s3.usePathStyle
        record.maxConnections = s3.maxConnections
        record.requestTimeoutMs = s3.requestTimeoutMs
        record.connectTimeoutMs = s3.connectTimeoutMs
        record.policyName = policyNames
        return record
    }

    init(_ record: EditLogResourceRecord) {
        let s3 = S3Resource(
            endpoint: record.endpoint, region: record.region, accessKey: record.accessKey, secretKey: record.secretKey,
            sessionToken: record.hasSessionToken ? record.sessionToken : nil, bucket: record.bucket,
            rootPath: record.rootPath, usePathStyle: record.usePathStyle, maxConnections: record.maxConnections,
            requestTimeoutMs: record.requestTimeoutMs, connectTimeoutMs: record.connectTimeoutMs)
        self.init(
            id: record.id, name: record.name, s3: s3, version: record.version, policyNames: record.policyName)
    }
}

extension StoragePolicy {
    var record: EditLogPolicyRecord {
        var record = EditLogPolicyRecord()
        record.id = id
        record.name = name
        record.resource = resource
        if let cooldownAt { record.cooldownAtMs = cooldownAt.milliseconds }
        if let cooldownTTLSeconds { record.cooldownTtlSeconds = cooldownTTLSeconds }
        record.version = version
        return record
    }

    init(_ record: EditLogPolicyRecord) {
        self.init(
            id: record.id, name: record.name, resource: record.resource,
            cooldownAt: record.hasCooldownAtMs ? UnixTime(milliseconds: record.cooldownAtMs) : nil,
            cooldownTTLSeconds: record.hasCooldownTtlSeconds ? record.cooldownTtlSeconds : nil, version: record.version)
    }
}

extension Transaction {
    var record: EditLogTransactionRecord {
        var record = EditLogTransactionRecord()
        record.id = id.rawValue
        record.databaseID = databaseID.rawValue
        record.tableID = tableID.rawValue
        record.label = label
        record.state = UInt32(state.rawValue)
        record.partitionID = partitions.map(\.partitionID.rawValue)
        record.partitionVersion = partitions.map(\.version.rawValue)
        record.failedTabletID = failedReplicas.map(\.tabletID.rawValue)
        record.failedBackendID = failedReplicas.map(\.backendID.rawValue)
        record.stagedTabletID = stagedFailures?.map(\.tabletID.rawValue) ?? []
        record.stagedBackendID = stagedFailures?.map(\.backendID.rawValue) ?? []
        record.timeoutMs = timeoutMs
        record.preparedAtMs = preparedAt.milliseconds
        if let committedAt { record.committedAtMs = committedAt.milliseconds }
        if let finishedAt { record.finishedAtMs = finishedAt.milliseconds }
        record.reason = reason
        record.rowCount = rowCount
        record.sizeBytes = sizeBytes
        record.deleteCondition = deleteCondition
        return record
    }

    init(_ record: EditLogTransactionRecord) throws {
        guard let state = UInt8(exactly: record.state).flatMap(Transaction.State.init(rawValue:)) else {
            throw RecordError("transaction \(record.id) has the unknown state \(record.state)")
        }
        guard record.partitionID.count == record.partitionVersion.count else {
            throw RecordError.columns("transaction \(record.id)")
        }
        self.init(
            id: TransactionID(record.id), databaseID: DatabaseID(record.databaseID), tableID: TableID(record.tableID),
            label: record.label, state: state,
            partitions: zip(record.partitionID, record.partitionVersion).map {
                .init(partitionID: PartitionID($0), version: Version($1))
            },
            failedReplicas: try .init(record.failedTabletID, record.failedBackendID, of: record.id),
            timeoutMs: record.timeoutMs, preparedAt: UnixTime(milliseconds: record.preparedAtMs),
            committedAt: record.hasCommittedAtMs ? UnixTime(milliseconds: record.committedAtMs) : nil,
            finishedAt: record.hasFinishedAtMs ? UnixTime(milliseconds: record.finishedAtMs) : nil,
            reason: record.reason, rowCount: record.rowCount, sizeBytes: record.sizeBytes,
            deleteCondition: record.deleteCondition)
        let staged = try [ReplicaKey](record.stagedTabletID, record.stagedBackendID, of: record.id)
        stagedFailures = staged.isEmpty ? nil : staged
    }
}

extension FailedReplicas {
    var record: EditLogFailedReplicasEntry {
        EditLogFailedReplicasEntry.with {
            $0.transactionID = transactionID.rawValue
            $0.first = Int64(first)
            $0.tabletID = keys.map(\.tabletID.rawValue)
            $0.backendID = keys.map(\.backendID.rawValue)
        }
    }

    init(_ record: EditLogFailedReplicasEntry) throws {
        self.init(
            transactionID: TransactionID(record.transactionID), first: Int(record.first),
            keys: try .init(record.tabletID, record.backendID, of: record.transactionID))
    }
}

extension [ReplicaKey] {
    fileprivate init(_ tablets: [Int64], _ backends: [Int64], of transaction: Int64) throws {
        guard tablets.count == backends.count else { throw RecordError.columns("transaction \(transaction)") }
        self = zip(tablets, backends).map { ReplicaKey(tabletID: TabletID($0), backendID: BackendID($1)) }
    }
}
