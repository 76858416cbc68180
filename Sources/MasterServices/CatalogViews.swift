public import ClusterMetadata
public import HTTPAPI
public import TabletModel

extension Replica {
    /// All of its rows are in the object store, as of the version it has by now. A tablet without rows never gets a remote
    /// meta, and leaves nothing behind.
    public func isCold(hasPolicy: Bool) -> Bool {
        // What it missed may have rows.
        let isEmpty = rowCount == 0 && remoteSizeBytes == 0 && versions.lastFailed == .none && !isReportedMissing
        return hasPolicy && isReported && isReportCurrent && dataSizeBytes == 0 && (cooldownMetaID != nil || isEmpty)
    }

    public func isHealthy(isAlive: Bool, visible: Version) -> Bool {
        isAlive && !isBad && state == .normal && versions.isComplete(upTo: visible)
    }

    /// Why it is not healthy, or not cold.
    public func reason(isAlive: Bool, visible: Version, hasPolicy: Bool) -> String {
        if !isAlive { return "its backend is dead" }
        if isBad { return "its data is lost or damaged" }
        if state == .clone { return "it is being made: CLONE has not ended" }
        if state != .normal { return "it is in state \(state)" }
        // A report tells that there is a gap, and not where: its backend does.
        if isReportedMissing { return "it lacks versions below \(versions.version)" }
        if versions.lastFailed != .none { return "it missed version \(versions.lastFailed)" }
        if versions.version < visible { return "it is at version \(versions.version) of \(visible)" }
        guard hasPolicy, !isCold(hasPolicy: true) else { return "" }
        if !isReported { return "not reported since the FE started" }
        if !isReportCurrent { return "its newest version is not reported yet" }
        if reportedCooldownTerm < 0 { return "no cooldown conf has reached it" }
        return cooldownMetaID == nil ? "nothing of it is remote yet" : "\(dataSizeBytes) bytes are still local"
    }
}

extension ClusterState {
    public func isHealthy(_ replica: Replica, visible: Version) -> Bool {
        replica.isHealthy(isAlive: isAlive(replica.backendID), visible: visible) && unreadable(replica) == nil
    }

    /// Why the replica is not healthy, or not cold.
    public func reason(_ replica: Replica, visible: Version, hasPolicy: Bool) -> String {
        let isAlive = isAlive(replica.backendID)
        if replica.isHealthy(isAlive: isAlive, visible: visible), let unreadable = unreadable(replica) {
            return "it can't be read: \(unreadable.reason)"
        }
        return replica.reason(isAlive: isAlive, visible: visible, hasPolicy: hasPolicy)
    }
}

/// Counts over all replicas.
public struct ReplicaTotals {
    public private(set) var total: Int64 = 0
    public private(set) var healthy: Int64 = 0
    public private(set) var cold: Int64 = 0

    public init(in state: ClusterState) {
        var tableID: TableID = -1
        var table: Table?
        state.tablets.forEach { tablet, replicas in
            if tablet.tableID != tableID {
                tableID = tablet.tableID
                table = state.table(tableID)
            }
            let visible = table?.partition(tablet.partitionID)?.visibleVersion ?? .none
            let hasPolicy = table?.storagePolicy != nil
            // Those that an alter fills are not counted before they are the table's.
            if table?.isShadow(tablet.indexID) == true { return }
            for replica in replicas {
                total += 1
                if state.isHealthy(replica, visible: visible) { healthy += 1 }
                if replica.isCold(hasPolicy: hasPolicy) { cold += 1 }
            }
        }
    }
}

extension TableView {
    public init(_ table: Table, in state: ClusterState) {
        let partition = table.partitions.first
        self.init(
            id: table.id, name: state.name(of: table), partitionID: partition?.id ?? 0,
            state: table.state == .creating ? "creating" : table.alter == nil ? "normal" : "altering",
            buckets: Int64(table.bucketCount),
            replicationNum: Int64(table.replicationCount), columns: table.columnNames,
            columnTypes: table.columns.map(\.type.description),
            distributionColumn: Int64(table.distributionColumn),
            delimiter: String(UnicodeScalar(table.delimiter)), hasHeader: table.hasHeader,
            storagePolicy: table.storagePolicy, visibleVersion: partition?.visibleVersion ?? .none,
            nextVersion: partition?.nextVersion ?? .none, rowCount: 0, localBytes: 0, remoteBytes: 0,
            replicaCount: 0, healthyReplicaCount: 0, coldReplicaCount: 0)
        cluster = table.cluster
        for id in table.readableTabletIDs { add(state.tablets.replicas(of: id), table, in: state) }
    }

    private mutating func add(_ replicas: [Replica], _ table: Table, in state: ClusterState) {
        let freshest = replicas.filter { !$0.isBad && $0.isReported }.max { $0.versions.version < $1.versions.version }
        rowCount = rowCount.addingClamped(freshest?.rowCount ?? 0)
        localBytes = localBytes.addingClamped(freshest?.dataSizeBytes ?? 0)
        remoteBytes = remoteBytes.addingClamped(freshest?.remoteSizeBytes ?? 0)
        replicaCount += Int64(replicas.count)
        for replica in replicas {
            if state.isHealthy(replica, visible: visibleVersion) { healthyReplicaCount += 1 }
            if replica.isCold(hasPolicy: table.storagePolicy != nil) { coldReplicaCount += 1 }
        }
    }
}

extension TabletView {
    public init?(_ id: TabletID, in state: ClusterState) {
        guard let tablet = state.tablets.tablet(id), let table = state.table(tablet.tableID),
            let partition = table.partition(tablet.partitionID), let index = partition.index(tablet.indexID)
        else { return nil }
        self.init(
            id: id, table: state.name(of: table), partitionID: partition.id, schemaHash: index.schemaHash,
            bucket: Int64(index.bucket(of: id) ?? 0), visibleVersion: partition.visibleVersion,
            cooldownReplicaID: tablet.cooldownReplicaID, cooldownTerm: tablet.cooldownTerm,
            replicas: state.tablets.replicas(of: id).map { replica in
                ReplicaView(
                    replica, of: tablet, visible: partition.visibleVersion, hasPolicy: table.storagePolicy != nil,
                    in: state)
            })
    }
}

extension ReplicaView {
    public init(_ replica: Replica, of tablet: Tablet, visible: Version, hasPolicy: Bool, in state: ClusterState) {
        let backend = state.backend(replica.backendID)
        self.init(
            id: replica.id, backendID: replica.backendID, host: backend?.host ?? "", bePort: backend?.bePort ?? 0,
            httpPort: backend?.httpPort ?? 0, version: replica.versions.version,
            lastFailedVersion: replica.versions.lastFailed, lastSuccessVersion: replica.versions.lastSuccess,
            state: replica.state.description, isBad: replica.isBad,
            isHealthy: state.isHealthy(replica, visible: visible), rowCount: replica.rowCount,
            localBytes: replica.dataSizeBytes, remoteBytes: replica.remoteSizeBytes,
            versionCount: Int64(replica.versionCount), reportedCooldownTerm: replica.reportedCooldownTerm,
            cooldownMetaID: replica.cooldownMetaID?.description,
            isCooldownReplica: replica.id == tablet.cooldownReplicaID, isCold: replica.isCold(hasPolicy: hasPolicy),
            reason: state.reason(replica, visible: visible, hasPolicy: hasPolicy),
            unhealthySinceMs: 0)
        dataDir =
            replica.pathHash == 0
            ? nil : state.status(of: replica.backendID).disks.first { $0.pathHash == replica.pathHash }?.rootPath
    }
}

extension ReadPlan {
    public init(_ name: TableName, backend: BackendID?, version: Version?, in state: ClusterState) throws {
        let table = try state.requireTable(name)
        guard let partition = table.partitions.first, let index = partition.baseIndex else {
            throw MasterError(.notFound, "table \(name) has no partition", nextStep: "describe the table")
        }
        let wanted = version ?? partition.visibleVersion
        guard wanted >= .initial, wanted <= partition.visibleVersion else {
            throw MasterError(
                .invalidArgument, "version \(wanted) of \(name) can't be read",
                nextStep: "give 1 to \(partition.visibleVersion), the visible version")
        }
        let tablets = try index.tabletIDs.enumerated().map { bucket, id in
            TabletTarget(
                tabletID: id, schemaHash: index.schemaHash, bucket: Int64(bucket), version: wanted,
                backends: try Self.targets(of: id, backend, wanted, in: state))
        }
        self.init(
            table: name, version: wanted, delimiter: String(UnicodeScalar(table.delimiter)),
            columns: table.columnNames, tablets: tablets)
    }

    /// Those that have everything up to the version, in replica order.
    private static func targets(
        of id: TabletID, _ only: BackendID?, _ version: Version, in state: ClusterState
    ) throws -> [BackendTarget] {
        let uploader = state.tablets.tablet(id)?.cooldownReplicaID
        var targets = state.tablets.replicas(of: id).compactMap { replica -> BackendTarget? in
            guard only == nil || replica.backendID == only, !replica.isBad, state.isAlive(replica.backendID),
                replica.state == .normal || replica.state == .decommission,
                replica.versions.isComplete(upTo: version), let backend = state.backend(replica.backendID)
            else { return nil }
            return BackendTarget(
                backendID: backend.id, replicaID: replica.id, host: backend.host, httpPort: backend.httpPort,
                isCooldownReplica: replica.id == uploader)
        }
        // One that can't be read is asked only when nobody else is there.
        let readable = targets.filter { state.status(of: $0.backendID).unreadable[$0.replicaID] == nil }
        if !readable.isEmpty { targets = readable }
        // A process that has not reported yet may have come up with another disk: asked only when nobody else is there.
        let reported = targets.filter { state.status(of: $0.backendID).hasReportedTablets }
        if !reported.isEmpty { return reported }
        guard !targets.isEmpty else {
            let place = only.map { " on backend \($0)" } ?? ""
            throw MasterError(
                .unavailable, "tablet \(id) has no replica\(place) that is alive and at version \(version)",
                nextStep: "list the table's tablets for the reason of each replica")
        }
        return targets
    }
}
