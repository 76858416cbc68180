internal import AccessControl
internal import TabletModel

extension JournalEntry {
    /// What it changes, in words, without secrets: for `tabletctl meta log`.
    public var words: String {
        switch self {
        case .saveNextID(let end): "ids below \(end) may be given out"
        case .setEpoch(let epoch): "epoch \(epoch)"
        case .beginLife(let life):
            "start of epoch \(life.epoch), life \(String(UInt64(bitPattern: life.life), radix: 16)), behind log id "
                + "\(life.afterLogID)"
        case .olderMetadataFound(let found): "found: " + few(found) { $0.finding.text }
        case .olderMetadataSettled(let settlement): settlement.words
        case .adoptVersions(let versions): versions.words
        case .createDatabase(let database): "database \(database.name) (\(database.id)) is made"
        case .dropDatabase(let id): "database \(id) is dropped, with its tables"
        case .createTable, .addTablets, .dropTable, .setTablePolicy, .setTableState, .setTableColumns, .tableRestored:
            tableWords
        case .beginAlter, .updateAlter, .finishAlter, .cancelAlter: alterWords
        case .addReplica, .deleteReplica, .updateReplicas, .backendTabletsBad, .backendReplicasInfo: replicaWords
        case .addBackend(let backend): "backend \(backend.id) at \(backend.heartbeatAddress) is added"
        case .dropBackend(let id): "backend \(id) is dropped, with its replicas"
        case .backendStateChange(let backend):
            "backend \(backend.id) at \(backend.heartbeatAddress): \(backend.version.isEmpty ? "not heard" : backend.version)"
                + (backend.isDecommissioned ? ", decommissioned" : "")
        case .placeBackends(let placed):
            few(placed.backends) { "backend \($0)" } + (placed.place.map { " in \($0)" } ?? " in no cluster")
        case .upsertUser(let user):
            "user \(user.name): " + (user.password == nil ? "no password, " : "")
                + (user.grants.all.isEmpty
                    ? "no rights" : few(user.grants.all) { "\($0.right) on \($0.database ?? "all")" })
        case .dropUser(let name): "user \(name) is dropped"
        case .addFrontend, .addFirstFrontend, .removeFrontend, .timestamp, .masterInfoChange: frontendWords
        case .upsertTransaction(let transaction): transaction.words
        case .upsertStagedTransaction(let transaction): transaction.words + "; not on the replicas before this"
        case .stageFailedReplicas(let failed):
            "transaction \(failed.transactionID) comes without " + few(failed.keys) { "\($0)" }
        case .removeTransactions(let ids): "forgotten: " + few(ids) { "transaction \($0)" }
        case .pushCooldownConf(let confs):
            few(confs) { "tablet \($0.tabletID) is cooled by replica \($0.cooldownReplicaID), term \($0.term)" }
        case .cooldownDelete: "proof of mastership before remote files go"
        case .skipped: "nothing: a person gave up what stood here"
        case .createResource(let resource): "storage resource \(resource.name) (\(resource.id)) is made"
        case .dropResource(let name): "storage resource \(name) is dropped"
        case .alterResource(let resource): "storage resource \(resource.name) changes to version \(resource.version)"
        case .createPolicy(let policy): "storage policy \(policy.name) (\(policy.id)) to \(policy.resource) is made"
        case .dropPolicy(let name): "storage policy \(name) is dropped"
        case .alterPolicy(let policy): "storage policy \(policy.name) changes to version \(policy.version)"
        case .upsertBackupJob(let job), .updateBackupJob(let job):
            "\(job.kind) \(job.id) (\(job.label)) of \(job.database).\(job.table): \(job.phase)"
                + (job.message.isEmpty ? "" : ": \(job.message)")
        case .setBackupUnits(let set):
            "backup job \(set.jobID): \(set.units.count) units from place \(set.first) on"
        case .removeBackupJobs(let ids): "forgotten: " + few(ids) { "backup job \($0)" }
        }
    }

    private var frontendWords: String {
        switch self {
        case .addFrontend(let frontend): "\(frontend.role) \(frontend.nodeName) at \(frontend.address) is registered"
        case .addFirstFrontend(let frontend):
            "\(frontend.role) \(frontend.nodeName) at \(frontend.address) is the first frontend"
        case .removeFrontend(let name): "frontend \(name) is removed, and its name not given again"
        case .timestamp(let time): "the master was there at \(time) ms"
        case .masterInfoChange(let master):
            "the master is \(master.host), http port \(master.httpPort), rpc port \(master.rpcPort)"
        default: ""
        }
    }

    private var tableWords: String {
        switch self {
        case .createTable(let table, let placements):
            "table \(table.name) (\(table.id)) in database \(table.databaseID) is made: \(placements.count) tablets, "
                + "\(placements.reduce(0) { $0 + $1.replicas.count }) replicas"
        case .addTablets(let added):
            "table \(added.tableID) gets \(added.placements.count) more tablets, "
                + "\(added.placements.reduce(0) { $0 + $1.replicas.count }) replicas"
        case .dropTable(let id): "table \(id) is dropped"
        case .setTablePolicy(let id, let policy):
            policy.map { "table \(id) cools by policy \($0)" } ?? "table \(id) cools no longer"
        case .setTableState(let id, let state): "table \(id) is \(state)"
        case .setTableColumns(let id, let columns, _):
            "table \(id) has the columns \(columns.map(\.name).joined(separator: ", "))"
        case .tableRestored(let id, let name): "table \(id) is restored, as \(name)"
        default: ""
        }
    }

    private var alterWords: String {
        switch self {
        case .beginAlter(let id, let alter, _, let placements):
            "change \(alter.id) of table \(id) begins (\(alter.description)): \(placements.count) new tablets"
        case .updateAlter(let id, let alter): "change \(alter.id) of table \(id) is \(alter.state)"
        case .finishAlter(let ended): "change \(ended.id) of table \(ended.tableID) is done: its new tablets take over"
        case .cancelAlter(let ended): "change \(ended.id) of table \(ended.tableID) is cancelled: \(ended.reason)"
        default: ""
        }
    }

    private var replicaWords: String {
        switch self {
        case .addReplica(let tablet, let replica):
            "tablet \(tablet) gets replica \(replica.id) on backend \(replica.backendID), \(replica.state), "
                + replica.versions.words
        case .deleteReplica(let key): "the replica of \(key) is dropped"
        case .updateReplicas(let updates):
            few(updates) { update in
                "\(update.key): \(update.versions.words)" + (update.isBad ? ", bad" : "")
                    + (update.state.map { ", \($0)" } ?? "")
            }
        case .backendTabletsBad(let backend, let marks):
            "backend \(backend): " + few(marks) { "tablet \($0.tabletID) is \($0.isBad ? "bad" : "no longer bad")" }
        case .backendReplicasInfo(let backend, let marks):
            "backend \(backend): " + few(marks) { "tablet \($0.tabletID) \($0.mark.words)" }
        default: ""
        }
    }
}

/// The first three, and how many more there are.
private func few<T>(_ all: [T], _ words: (T) -> String) -> String {
    if all.isEmpty { return "none" }
    let shown = all.prefix(3).map(words).joined(separator: "; ")
    return all.count > 3 ? "\(shown); and \(all.count - 3) more" : shown
}

extension ReplicaVersions {
    fileprivate var words: String {
        lastFailed == .none ? "version \(version)" : "version \(version), failed \(lastFailed)"
    }
}

extension ReplicaMark.Mark {
    fileprivate var words: String {
        switch self {
        case .bad: "is bad"
        case .missing(let lastFailed): "lacks a version, failed \(lastFailed)"
        }
    }
}

extension Transaction {
    fileprivate var words: String {
        let versions = partitions.map { "version \($0.version) of partition \($0.partitionID)" }
        let kind = deleteCondition.isEmpty ? "load" : "delete"
        return ["\(kind) \(id) (\(label)) of table \(tableID) is \(state)"].joined()
            + (versions.isEmpty ? "" : ": " + few(versions) { $0 })
            + (failedReplicas.isEmpty ? "" : "; not on " + few(failedReplicas) { "\($0)" })
            + (reason.isEmpty ? "" : "; \(reason)")
    }
}

extension AdoptedVersions {
    fileprivate var words: String {
        "partition \(partitionID) of table \(tableID) goes on from version \(visible), the next load gets \(next)"
            + (committed.isEmpty ? "" : "; " + few(committed) { "transaction \($0.transactionID) gets \($0.version)" })
    }
}

extension OlderSettlement {
    fileprivate var words: String {
        var parts: [String] = []
        if clearsCluster { parts.append("the FE is held no longer") }
        if !tables.isEmpty { parts.append("held no longer: " + few(tables) { "table \($0)" }) }
        if let lostIDs { parts.append("ids \(lostIDs.lowerBound) to \(lostIDs.upperBound - 1) are of a lost timeline") }
        if forgetsLostIDs { parts.append("lost timelines are forgotten") }
        if !accepted.isEmpty { parts.append("\(accepted.count) ends of lost timelines are taken for past") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }
}
