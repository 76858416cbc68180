internal import HashTreeCollections
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
        case .addTablets(let added): add(added)
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
        case .placeBackends(let placed): place(placed)
        case .upsertUser, .dropUser: applyToUsers(entry)
        case .addFrontend, .addFirstFrontend, .removeFrontend, .timestamp, .masterInfoChange: applyToFrontends(entry)
        case .upsertTransaction(let transaction): upsert(transaction)
        case .stageFailedReplicas(let failed): stage(failed)
        case .upsertStagedTransaction(let transaction): upsertStaged(transaction)
        case .removeTransactions(let ids): remove(transactions: ids)
        case .pushCooldownConf(let confs): take(confs)
        case .cooldownDelete, .skipped: break
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
        case .upsertBackupJob, .updateBackupJob, .setBackupUnits, .removeBackupJobs: applyToBackupJobs(entry)
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
        for partition in table.partitions {
            for index in partition.indexes {
                insert(index, of: partition.id, in: table.id, placed)
            }
        }
    }

    private mutating func add(_ added: AddedTablets) {
        guard let table = tablesByID[added.tableID],
            let partition = table.partitions.firstIndex(where: { $0.id == added.partitionID }),
            let index = table.partitions[partition].indexes.firstIndex(where: { $0.id == added.indexID })
        else { return }
        let placed = added.placements.sorted { $0.tabletID < $1.tabletID }
        var piece = table.partitions[partition].indexes[index]
        // A piece that is there already is put in again where it is.
        let last = piece.tabletIDs.last ?? TabletID(.min)
        piece.tabletIDs = placed.map(\.tabletID)
        insert(piece, of: added.partitionID, in: added.tableID, placed)
        tablesByID[added.tableID]?.partitions[partition].indexes[index].tabletIDs +=
            piece.tabletIDs.filter { $0 > last }
    }

    /// Puts in the index's tablets, those that were placed, so many at a time. Those that an alter fills have no rows yet, the
    /// others are what readers see.
    /// - Parameter placed: ascending.
    mutating func insert(
        _ index: MaterializedIndex, of partition: PartitionID, in table: TableID, _ placed: [TabletPlacement]
    ) {
        let isShadow = index.state == .shadow
        let version = isShadow ? .initial : tablesByID[table]?.partition(partition)?.visibleVersion ?? .initial
        let state = isShadow ? Replica.State.alter : .normal
        var batch = TabletChunk()
        for id in index.tabletIDs.sorted() {
            let place = placed.partitionPoint { $0.tabletID < id }
            guard place < placed.count, placed[place].tabletID == id, batch.tablets.last?.id != id else { continue }
            batch.append(
                Tablet(id: id, tableID: table, partitionID: partition, indexID: index.id),
                placed[place].replicas.lazy.map {
                    Replica(
                        id: $0.replicaID, backendID: $0.backendID, versions: ReplicaVersions(version: version),
                        state: state)
                })
            guard batch.tablets.count == TabletChunk.batchLimit else { continue }
            tablets.insert(batch)
            batch.removeAll()
        }
        tablets.insert(batch)
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
        tablets.removeReplicas(on: id)
        backendsByID[id] = nil
        statusByBackend[id] = nil
    }

    private mutating func take(_ confs: [CooldownConf]) {
        tablets.edit { editor in
            for conf in confs { editor.take(conf) }
        }
    }

    // MARK: Replicas

    /// In their order. Updates of replicas, of which there are the most, are made in one edit as far as they follow one another.
    mutating func apply(_ entries: [JournalEntry]) {
        var place = 0
        while place < entries.count {
            guard case .updateReplicas = entries[place] else {
                apply(entries[place])
                place += 1
                continue
            }
            tablets.edit { editor in
                while place < entries.count, case .updateReplicas(let updates) = entries[place] {
                    for update in updates { editor.health(update.key) { $0.take(update) } }
                    place += 1
                }
            }
        }
    }

    private mutating func applyToReplicas(_ entry: JournalEntry) {
        switch entry {
        case .addReplica(let tablet, let new):
            let replica = Replica(id: new.id, backendID: new.backendID, versions: new.versions, state: new.state)
            tablets.insertReplica(replica, of: tablet)
        case .deleteReplica(let key): tablets.removeReplica(key)
        case .updateReplicas(let updates):
            tablets.edit { editor in
                for update in updates { editor.health(update.key) { $0.take(update) } }
            }
        case .backendTabletsBad(let backend, let marks):
            tablets.edit { editor in
                for mark in marks {
                    editor.health(ReplicaKey(tabletID: mark.tabletID, backendID: backend)) { $0.isBad = mark.isBad }
                }
            }
        case .backendReplicasInfo(let backend, let marks):
            tablets.edit { editor in
                for mark in marks {
                    editor.health(ReplicaKey(tabletID: mark.tabletID, backendID: backend)) { $0.take(mark.mark) }
                }
            }
        default: break
        }
    }
}

extension ReplicaHealth {
    fileprivate mutating func take(_ update: ReplicaUpdate) {
        versions = update.versions
        isBad = update.isBad
        if let new = update.state { state = new }
    }

    fileprivate mutating func take(_ mark: ReplicaMark.Mark) {
        switch mark {
        case .bad: isBad = true
        case .missing(let lastFailed): versions.lastFailed = lastFailed
        }
    }
}
