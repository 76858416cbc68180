internal import TabletModel

extension ClusterState {
    /// Carries out a journaled change. Total and deterministic: it never fails, gives the same state on every machine, and
    /// applied twice gives what it gave at first. What it names and is not there (any longer) is passed over: everything was
    /// validated before it was journaled.
    public mutating func apply(_ entry: JournalEntry) {
        switch entry {
        case .saveNextID(let end): idBatchEnd = max(idBatchEnd, end)
        case .setEpoch(let new): epoch = max(epoch, new)
        case .beginLife(let life): begin(life)
        case .olderMetadataFound(let found):
            for one in found { older.add(one.finding, of: one.tableID) }
        case .olderMetadataSettled(let settlement): older.settle(settlement)
        case .adoptVersions(let versions): adopt(versions)
        case .createDatabase(let database): databasesByID[database.id] = database
        case .dropDatabase(let id): drop(database: id)
        case .createTable(let table, let placements): create(table, placements)
        case .dropTable(let id): drop(table: id)
        case .setTablePolicy(let id, let policy):
            tablesByID[id]?.storagePolicy = policy
            noteResource(ofPolicy: policy, at: id)
        case .setTableState(let id, let state): tablesByID[id]?.state = state
        case .addReplica, .deleteReplica, .updateReplicas, .backendTabletsBad, .backendReplicasInfo:
            applyToReplicas(entry)
        case .beginAlter, .updateAlter, .finishAlter, .cancelAlter, .setTableColumns: applyToAlters(entry)
        case .addBackend(let backend), .backendStateChange(let backend): backendsByID[backend.id] = backend
        case .dropBackend(let id): drop(backend: id)
        case .upsertTransaction(let transaction): upsert(transaction)
        case .removeTransactions(let ids): remove(transactions: ids)
        case .pushCooldownConf(let confs): take(confs)
        case .cooldownDelete: break
        case .createResource(let resource), .alterResource(let resource):
            resourcesByName[resource.name] = resource
            noteResourceUse()
        case .dropResource(let name):
            if let id = resourcesByName.removeValue(forKey: name)?.id, !droppedResources.contains(id) {
                droppedResources = (droppedResources + [id]).sorted()
            }
        case .createPolicy(let policy), .alterPolicy(let policy):
            policiesByName[policy.name] = policy
            noteResourceUse()
        case .dropPolicy(let name): policiesByName[name] = nil
        case .upsertBackupJob(let job): backupJobsByID[job.id] = job
        case .removeBackupJobs(let ids): for id in ids { backupJobsByID[id] = nil }
        case .tableRestored(let id, let name): finishRestore(of: id, as: name)
        }
    }

    private mutating func begin(_ life: MetadataLife) {
        epoch = max(epoch, life.epoch)
        guard !lives.contains(life) else { return }
        lives.append(life)
        if lives.count > Self.rememberedLives { lives.removeFirst(lives.count - Self.rememberedLives) }
    }

    // MARK: Catalog

    private mutating func create(_ table: Table, _ placements: [TabletPlacement]) {
        if tablesByID[table.id] != nil { drop(table: table.id) }
        tablesByID[table.id] = table
        noteResource(ofPolicy: table.storagePolicy, at: table.id)
        tableIDsByName[TableKey(database: table.databaseID, name: table.name)] = table.id
        let placed = placements.sorted { $0.tabletID < $1.tabletID }
        for (partition, index, id) in table.tabletPlaces {
            let place = placed.partitionPoint { $0.tabletID < id }
            guard place < placed.count, placed[place].tabletID == id else { continue }
            let versions = ReplicaVersions(version: partition.visibleVersion)
            tablets.insert(
                Tablet(id: id, tableID: table.id, partitionID: partition.id, indexID: index.id),
                replicas: placed[place].replicas.map {
                    Replica(id: $0.replicaID, backendID: $0.backendID, versions: versions)
                })
        }
    }

    private mutating func drop(table id: TableID) {
        guard let table = tablesByID.removeValue(forKey: id) else { return }
        let key = TableKey(database: table.databaseID, name: table.name)
        if tableIDsByName[key] == id { tableIDsByName[key] = nil }
        older.tables[id] = nil
        tablets.remove(ascending: table.tabletIDs)
    }

    private mutating func drop(database id: DatabaseID) {
        for table in tables where table.databaseID == id { drop(table: table.id) }
        databasesByID[id] = nil
    }

    private mutating func drop(backend id: BackendID) {
        for tablet in tablets.tablets(on: id) {
            tablets.removeReplica(ReplicaKey(tabletID: tablet, backendID: id))
        }
        backendsByID[id] = nil
        statusByBackend[id] = nil
    }

    private mutating func take(_ confs: [CooldownConf]) {
        for conf in confs {
            guard let tablet = tablets.tablet(conf.tabletID), conf.term > tablet.cooldownTerm else { continue }
            tablets.setCooldownConf(conf)
        }
    }

    // MARK: Replicas

    private mutating func applyToReplicas(_ entry: JournalEntry) {
        switch entry {
        case .addReplica(let tablet, let new):
            let replica = Replica(id: new.id, backendID: new.backendID, versions: new.versions, state: new.state)
            tablets.insertReplica(replica, of: tablet)
        case .deleteReplica(let key): tablets.removeReplica(key)
        case .updateReplicas(let updates):
            for update in updates {
                tablets.withReplica(update.key) {
                    $0.versions = update.versions
                    $0.isBad = update.isBad
                    if let state = update.state { $0.state = state }
                }
            }
        case .backendTabletsBad(let backend, let marks):
            for mark in marks {
                let key = ReplicaKey(tabletID: mark.tabletID, backendID: backend)
                tablets.withReplica(key) { $0.isBad = mark.isBad }
            }
        case .backendReplicasInfo(let backend, let marks):
            for mark in marks {
                tablets.withReplica(ReplicaKey(tabletID: mark.tabletID, backendID: backend)) { $0.take(mark.mark) }
            }
        default: break
        }
    }
}

extension Replica {
    fileprivate mutating func take(_ mark: ReplicaMark.Mark) {
        switch mark {
        case .bad: isBad = true
        case .missing(let lastFailed): versions.lastFailed = lastFailed
        }
    }
}

extension Table {
    /// Every tablet with the partition and index it belongs to; ascending where ids were given in order.
    fileprivate var tabletPlaces: [(partition: Partition, index: MaterializedIndex, id: TabletID)] {
        var places: [(partition: Partition, index: MaterializedIndex, id: TabletID)] = []
        for partition in partitions {
            for index in partition.indexes {
                for id in index.tabletIDs { places.append((partition, index, id)) }
            }
        }
        return places
    }
}
