internal import StoredFormats
internal import SwiftProtobuf
internal import TabletModel

extension JournalEntry {
    /// The payload of an entry's record.
    func encodedPayload() throws -> [UInt8] {
        if case .updateReplicas(let updates) = self { return UpdatesPayload.encode(updates) }
        return try message.serializedBytes()
    }

    /// What its record holds.
    var message: any Message {
        switch self {
        case .saveNextID(let end): return EditLogNextIdEntry.with { $0.end = end }
        case .setEpoch(let epoch): return EditLogEpochEntry.with { $0.epoch = epoch }
        case .addFrontend(let frontend), .addFirstFrontend(let frontend): return frontend.record
        case .removeFrontend(let name): return EditLogRemoveFrontendEntry.with { $0.nodeName = name }
        case .timestamp(let time): return EditLogTimestampEntry.with { $0.timestampMs = time.milliseconds }
        case .masterInfoChange(let master): return master.record
        case .placeBackends(let placed): return placed.record
        case .upsertUser(let user): return user.record
        case .dropUser(let name): return EditLogDropUserEntry.with { $0.name = name }
        case .beginLife(let life): return life.record
        case .olderMetadataFound(let found): return EditLogOlderFoundEntry.with { $0.findings = found.map(\.record) }
        case .olderMetadataSettled(let settlement): return settlement.record
        case .adoptVersions(let versions): return versions.record
        case .createDatabase(let database): return database.record
        case .dropDatabase(let id): return EditLogDropEntry.with { $0.id = id.rawValue }
        case .createTable(let table, let placements): return EditLogCreateTableEntry(table, placements)
        case .addTablets(let added): return EditLogAddTabletsEntry(added)
        case .dropTable(let id): return EditLogDropEntry.with { $0.id = id.rawValue }
        case .setTablePolicy(let id, let policy):
            var entry = EditLogTablePolicyEntry.with { $0.tableID = id.rawValue }
            if let policy { entry.policy = policy }
            return entry
        case .setTableState(let id, let state):
            return EditLogTableStateEntry.with {
                $0.tableID = id.rawValue
                $0.state = UInt32(state.rawValue)
            }
        case .beginAlter(let id, let alter, let indexes, let placements):
            return EditLogBeginAlterEntry(id, alter, indexes, placements)
        case .updateAlter(let id, let alter):
            return EditLogUpdateAlterEntry.with {
                $0.tableID = id.rawValue
                $0.alter = alter.record
            }
        case .finishAlter(let ended), .cancelAlter(let ended): return ended.record
        case .setTableColumns(let id, let columns, let next):
            return EditLogTableColumnsEntry.with {
                $0.tableID = id.rawValue
                $0.columns = columns.map(\.record)
                $0.nextColumnID = next
            }
        case .addReplica(let tablet, let replica): return EditLogAddReplicaEntry(tablet, replica)
        case .deleteReplica(let key):
            return EditLogDeleteReplicaEntry.with {
                $0.tabletID = key.tabletID.rawValue
                $0.backendID = key.backendID.rawValue
            }
        case .updateReplicas(let updates): return EditLogUpdateReplicasEntry(updates)
        case .backendTabletsBad(let backend, let marks): return EditLogBackendTabletsBadEntry(backend, marks)
        case .backendReplicasInfo(let backend, let marks): return EditLogBackendReplicasEntry(backend, marks)
        case .addBackend(let backend), .backendStateChange(let backend): return backend.record
        case .dropBackend(let id): return EditLogDropEntry.with { $0.id = id.rawValue }
        case .upsertTransaction(let transaction), .upsertStagedTransaction(let transaction): return transaction.record
        case .stageFailedReplicas(let failed): return failed.record
        case .removeTransactions(let ids): return EditLogRemoveTransactionsEntry.with { $0.id = ids.map(\.rawValue) }
        case .pushCooldownConf(let confs): return EditLogCooldownConfEntry(confs)
        case .cooldownDelete: return EditLogCooldownDeleteEntry()
        case .skipped: return Google_Protobuf_Empty()
        case .createResource(let resource), .alterResource(let resource): return resource.record
        case .dropResource(let name), .dropPolicy(let name): return EditLogDropEntry.with { $0.name = name }
        case .createPolicy(let policy), .alterPolicy(let policy): return policy.record
        case .upsertBackupJob(let job), .updateBackupJob(let job): return job.record
        case .setBackupUnits(let units): return units.record
        case .removeBackupJobs(let ids): return EditLogRemoveBackupJobsEntry.with { $0.id = ids }
        case .tableRestored(let id, let name):
            return EditLogTableRestoredEntry.with {
                $0.tableID = id.rawValue
                $0.name = name
            }
        }
    }

    /// Throws `RecordError` or SwiftProtobuf's error when the payload is not the operation's.
    init(_ operation: OperationCode, payload: UnsafeRawBufferPointer) throws {
        if operation == .updateReplicas, let updates = UpdatesPayload.decode(payload) {
            self = .updateReplicas(updates)
            return
        }
        let payload = Array(payload)
        func parse<M: Message>(_ type: M.Type) throws -> M { try M(serializedBytes: payload) }
        switch operation {
        case .saveNextID: self = .saveNextID(end: try parse(EditLogNextIdEntry.self).end)
        case .setEpoch: self = .setEpoch(try parse(EditLogEpochEntry.self).epoch)
        case .addFrontend: self = .addFrontend(try Frontend(try parse(EditLogFrontendRecord.self)))
        case .addFirstFrontend: self = .addFirstFrontend(try Frontend(try parse(EditLogFrontendRecord.self)))
        case .placeBackends: self = .placeBackends(PlacedBackends(try parse(EditLogPlaceBackendsEntry.self)))
        case .upsertUser: self = .upsertUser(try User(try parse(EditLogUserRecord.self)))
        case .dropUser: self = .dropUser(try parse(EditLogDropUserEntry.self).name)
        case .removeFrontend: self = .removeFrontend(try parse(EditLogRemoveFrontendEntry.self).nodeName)
        case .timestamp:
            self = .timestamp(UnixTime(milliseconds: try parse(EditLogTimestampEntry.self).timestampMs))
        case .masterInfoChange: self = .masterInfoChange(MasterAddress(try parse(EditLogMasterInfoRecord.self)))
        case .beginLife: self = .beginLife(MetadataLife(try parse(EditLogLifeRecord.self)))
        case .olderMetadataFound:
            self = .olderMetadataFound(try parse(EditLogOlderFoundEntry.self).findings.map { try FoundOlder($0) })
        case .olderMetadataSettled:
            self = .olderMetadataSettled(try OlderSettlement(try parse(EditLogOlderSettledEntry.self)))
        case .adoptVersions:
            self = .adoptVersions(try AdoptedVersions(try parse(EditLogAdoptVersionsEntry.self)))
        case .upsertBackupJob: self = .upsertBackupJob(try BackupJob(try parse(EditLogBackupJobRecord.self)))
        case .updateBackupJob: self = .updateBackupJob(try BackupJob(try parse(EditLogBackupJobRecord.self)))
        case .setBackupUnits: self = .setBackupUnits(BackupUnits(try parse(EditLogBackupUnitsEntry.self)))
        case .removeBackupJobs: self = .removeBackupJobs(try parse(EditLogRemoveBackupJobsEntry.self).id)
        case .tableRestored:
            let entry = try parse(EditLogTableRestoredEntry.self)
            self = .tableRestored(TableID(entry.tableID), name: entry.name)
        case .createDatabase: self = .createDatabase(Database(try parse(EditLogDatabaseRecord.self)))
        case .dropDatabase: self = .dropDatabase(DatabaseID(try parse(EditLogDropEntry.self).id))
        case .createTable:
            let entry = try parse(EditLogCreateTableEntry.self)
            self = .createTable(try Table(entry.table), try entry.placements)
        case .addTablets: self = .addTablets(try parse(EditLogAddTabletsEntry.self).added)
        case .dropTable: self = .dropTable(TableID(try parse(EditLogDropEntry.self).id))
        case .setTablePolicy:
            let entry = try parse(EditLogTablePolicyEntry.self)
            self = .setTablePolicy(TableID(entry.tableID), policy: entry.hasPolicy ? entry.policy : nil)
        case .setTableState:
            let entry = try parse(EditLogTableStateEntry.self)
            self = .setTableState(TableID(entry.tableID), try Table.State(stored: entry.state))
        case .beginAlter: self = try parse(EditLogBeginAlterEntry.self).entry
        case .updateAlter:
            let entry = try parse(EditLogUpdateAlterEntry.self)
            self = .updateAlter(TableID(entry.tableID), try TableAlter(entry.alter))
        case .finishAlter: self = .finishAlter(EndedAlter(try parse(EditLogEndedAlterRecord.self)))
        case .cancelAlter: self = .cancelAlter(EndedAlter(try parse(EditLogEndedAlterRecord.self)))
        case .setTableColumns:
            let entry = try parse(EditLogTableColumnsEntry.self)
            self = .setTableColumns(
                TableID(entry.tableID), entry.columns.map(TableColumn.init), nextColumnID: entry.nextColumnID)
        case .addReplica:
            let entry = try parse(EditLogAddReplicaEntry.self)
            self = .addReplica(TabletID(entry.tabletID), try entry.replica)
        case .deleteReplica:
            let entry = try parse(EditLogDeleteReplicaEntry.self)
            self = .deleteReplica(
                ReplicaKey(tabletID: TabletID(entry.tabletID), backendID: BackendID(entry.backendID)))
        case .updateReplicas: self = .updateReplicas(try parse(EditLogUpdateReplicasEntry.self).updates)
        case .backendTabletsBad:
            let entry = try parse(EditLogBackendTabletsBadEntry.self)
            self = .backendTabletsBad(BackendID(entry.backendID), try entry.marks)
        case .backendReplicasInfo:
            let entry = try parse(EditLogBackendReplicasEntry.self)
            self = .backendReplicasInfo(BackendID(entry.backendID), try entry.marks)
        case .addBackend: self = .addBackend(Backend(try parse(EditLogBackendRecord.self)))
        case .dropBackend: self = .dropBackend(BackendID(try parse(EditLogDropEntry.self).id))
        case .backendStateChange: self = .backendStateChange(Backend(try parse(EditLogBackendRecord.self)))
        case .upsertTransaction: self = .upsertTransaction(try Transaction(try parse(EditLogTransactionRecord.self)))
        case .upsertStagedTransaction:
            self = .upsertStagedTransaction(try Transaction(try parse(EditLogTransactionRecord.self)))
        case .stageFailedReplicas:
            self = .stageFailedReplicas(try FailedReplicas(try parse(EditLogFailedReplicasEntry.self)))
        case .removeTransactions:
            self = .removeTransactions(try parse(EditLogRemoveTransactionsEntry.self).id.map(TransactionID.init))
        case .pushCooldownConf: self = .pushCooldownConf(try parse(EditLogCooldownConfEntry.self).confs)
        case .cooldownDelete:
            _ = try parse(EditLogCooldownDeleteEntry.self)
            self = .cooldownDelete
        case .skipped:
            _ = try parse(Google_Protobuf_Empty.self)
            self = .skipped
        case .createResource: self = .createResource(StorageResource(try parse(EditLogResourceRecord.self)))
        case .alterResource: self = .alterResource(StorageResource(try parse(EditLogResourceRecord.self)))
        case .dropResource: self = .dropResource(try parse(EditLogDropEntry.self).name)
        case .createPolicy: self = .createPolicy(StoragePolicy(try parse(EditLogPolicyRecord.self)))
        case .alterPolicy: self = .alterPolicy(StoragePolicy(try parse(EditLogPolicyRecord.self)))
        case .dropPolicy: self = .dropPolicy(try parse(EditLogDropEntry.self).name)
        }
    }
}
