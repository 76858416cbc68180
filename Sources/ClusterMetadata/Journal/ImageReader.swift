internal import HashTreeCollections
internal import Platform
internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

/// Makes the state of an image, a section at a time. Throws what `ImageSections` does.
struct ImageReader {
    private(set) var sections: ImageSections
    private var state = ClusterState()
    private var header: EditLogImageHeader?

    static func read(_ path: String, from files: any FileSystem) throws -> (
        state: ClusterState, logID: Int64, clusterID: Int32
    ) {
        var reader = ImageReader(sections: try ImageSections(path, from: files))
        return try reader.readAll()
    }

    init(sections: ImageSections) { self.sections = sections }

    mutating func readAll() throws -> (state: ClusterState, logID: Int64, clusterID: Int32) {
        while let (section, payload) = try sections.next() {
            do {
                try take(section, payload)
            } catch let error as MetadataError {
                throw error
            } catch {
                throw sections.corrupt(
                    "the section at byte \(sections.sectionStart), of kind \(section), can't be parsed: \(error)")
            }
        }
        guard let header else { throw sections.corrupt("it has no header") }
        guard state.tablets.count == Int(header.tabletCount), state.tablets.replicaCount == Int(header.replicaCount)
        else {
            throw sections.corrupt("it holds \(state.tablets.count) tablets, its header says \(header.tabletCount)")
        }
        return (state, header.logID, header.clusterID)
    }

    /// What stands before the tables: little, whatever the size of the image.
    mutating func readHead() throws -> ClusterState {
        for _ in 0..<2 {
            if let (section, payload) = try sections.next() { try take(section, payload) }
        }
        return state
    }

    private mutating func take(_ section: ImageFormat.Section, _ payload: [UInt8]) throws {
        switch section {
        case .header:
            let header = try EditLogImageHeader(serializedBytes: payload)
            state.epoch = header.epoch
            state.idBatchEnd = header.idBatchEnd
            self.header = header
        case .catalog:
            let catalog = try EditLogImageCatalog(serializedBytes: payload)
            state.restore(
                backends: catalog.backends.map(Backend.init), databases: catalog.databases.map(Database.init),
                resources: catalog.resources.map(StorageResource.init),
                policies: catalog.policies.map(StoragePolicy.init), droppedResources: catalog.droppedResourceID)
            state.lives = catalog.lives.map { MetadataLife($0) }
            state.endedAlters = catalog.endedAlters.map { EndedAlter($0) }
            for record in catalog.backupJobs { state.backupJobsByID[record.id] = try BackupJob(record) }
            for record in catalog.users { state.usersByName[record.name] = try User(record) }
            state.frontends = try FrontendRegistry(catalog)
            if catalog.hasOlder { state.older = try OlderMetadata(catalog.older) }
        case .tables:
            for record in try EditLogImageTables(serializedBytes: payload).tables { state.restore(try Table(record)) }
        case .transactions:
            for record in try EditLogImageTransactions(serializedBytes: payload).transactions {
                state.restore(try Transaction(record))
            }
        case .tablets: try state.restore(try EditLogImageTablets(serializedBytes: payload))
        case .end: break
        }
    }
}

extension ClusterState {
    fileprivate mutating func restore(
        backends: [Backend], databases: [Database], resources: [StorageResource], policies: [StoragePolicy],
        droppedResources: [Int64]
    ) {
        for backend in backends { backendsByID[backend.id] = backend }
        for database in databases { databasesByID[database.id] = database }
        for resource in resources { resourcesByName[resource.name] = resource }
        for policy in policies {
            policiesByName[policy.name] = policy
            // Images of older builds did not keep which policies point to a resource.
            resourcesByName[policy.resource]?.addName(policy.name)
        }
        self.droppedResources = droppedResources
    }

    fileprivate mutating func restore(_ table: Table) {
        tablesByID[table.id] = table
        // Nor which resources a table's policies pointed to.
        noteResource(ofPolicy: table.storagePolicy, at: table.id)
        tableIDsByName[TableKey(database: table.databaseID, name: table.name)] = table.id
    }

    /// Without the effects on versions, which the image has already.
    fileprivate mutating func restore(_ transaction: Transaction) {
        transactionsByID[transaction.id] = transaction
        guard transaction.state != .aborted else { return }
        transactionIDsByLabel[LabelKey(database: transaction.databaseID, label: transaction.label)] = transaction.id
    }

    fileprivate mutating func restore(_ section: EditLogImageTablets) throws {
        var batch = TabletChunk()
        try section.forEachRow { tablet, replicas in
            if let last = batch.tablets.last, last.id >= tablet.id {
                tablets.insert(batch)
                batch.removeAll()
            }
            batch.append(tablet, replicas)
        }
        tablets.insert(batch)
    }
}

extension EditLogImageTablets {
    /// Hands out each tablet with its replicas.
    func forEachRow(_ body: (Tablet, [Replica]) throws -> Void) throws {
        try checkColumns()
        var first = 0
        for row in tabletID.indices {
            let range = first..<(first + Int(replicaCount[row]))
            first = range.upperBound
            var tablet = Tablet(
                id: TabletID(tabletID[row]), tableID: TableID(tableID[row]), partitionID: PartitionID(partitionID[row]),
                indexID: IndexID(indexID[row]))
            tablet.cooldownReplicaID = ReplicaID(cooldownReplicaID[row])
            tablet.cooldownTerm = cooldownTerm[row]
            try body(tablet, try range.map { try replica($0) })
        }
    }

    private func checkColumns() throws {
        let tablets = tabletID.count
        let replicas = replicaID.count
        guard tableID.count == tablets, partitionID.count == tablets, indexID.count == tablets,
            cooldownReplicaID.count == tablets, cooldownTerm.count == tablets, replicaCount.count == tablets,
            replicaBackendID.count == replicas, replicaVersion.count == replicas,
            replicaLastFailedVersion.count == replicas, replicaLastSuccessVersion.count == replicas,
            replicaFlags.count == replicas, replicaCount.reduce(0, { $0 + Int($1) }) == replicas
        else { throw RecordError.columns("a section of tablets") }
    }

    private func replica(_ row: Int) throws -> Replica {
        let versions = ReplicaVersions(
            version: Version(replicaVersion[row]), lastFailed: Version(replicaLastFailedVersion[row]),
            lastSuccess: Version(replicaLastSuccessVersion[row]))
        return Replica(
            id: ReplicaID(replicaID[row]), backendID: try BackendID(stored: replicaBackendID[row]), versions: versions,
            isBad: replicaFlags[row] & 1 != 0, state: try Replica.State(stored: replicaFlags[row] >> 4))
    }
}
