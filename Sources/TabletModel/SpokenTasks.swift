// Tasks as a backend of a dialect gets them. Pure; `DialectTable` decides.

extension AgentTask {
    /// nil: it must not go to such a backend (`refusal(in:)` says why).
    public func spoken(in dialect: WireDialect) -> AgentTask? {
        guard refusal(in: dialect) == nil else { return nil }
        var task = self
        switch payload {
        case .create(let request): task.payload = .create(request.spoken(in: dialect))
        case .updateTabletMeta(let updates):
            task.payload = .updateTabletMeta(updates.map { $0.spoken(in: dialect) })
        case .storagePolicy(let entry): task.payload = .storagePolicy(entry.spoken(in: dialect))
        case .pushedRules(let rules): task.payload = .pushedRules(rules.spoken(in: dialect))
        case .clone(let request): task.payload = .clone(request.spoken(in: dialect))
        case .upload(var request):
            if !dialect.has(.backupLocation) { request.place.location = nil }
            task.payload = .upload(request)
        case .download(var request):
            if !dialect.has(.backupLocation) {
                request.place.location = nil
                request.remoteSnapshots = nil
            }
            task.payload = .download(request)
        default: break
        }
        return task
    }

    /// Why the task must not go to a backend of the dialect; nil: it may.
    public func refusal(in dialect: WireDialect) -> String? {
        guard dialect.has(type) else { return "a backend of Doris \(dialect) knows no task \(type)" }
        if case .push(let request) = payload, request.pushType != .delete, !dialect.has(.fetchedRows) {
            return "a backend of Doris can't take rows from here: its rows are of another format"
        }
        return nil
    }
}

extension CreateTabletRequest {
    fileprivate func spoken(in dialect: WireDialect) -> CreateTabletRequest {
        var request = self
        if !dialect.has(.storagePolicyByName) { request.storagePolicy = "" }
        if !dialect.has(.storagePolicyByID) { request.storagePolicyID = nil }
        if !dialect.has(.newerTableOptions) { request.options = options.oldest }
        if !dialect.has(.ownTaskMembers) { request.schema.delimiter = nil }
        return request
    }
}

extension TabletMetaUpdate {
    fileprivate func spoken(in dialect: WireDialect) -> TabletMetaUpdate {
        var update = self
        if !dialect.has(.storagePolicyByName) {
            update.metaType = nil
            update.storagePolicy = nil
        }
        if !dialect.has(.storagePolicyByID) { update.storagePolicyID = nil }
        if !dialect.has(.replicaIDOfMeta) { update.replicaID = nil }
        if !dialect.has(.newerTableOptions) { update.options = TabletOptions() }
        if !dialect.has(.ownTaskMembers) { update.removesStoragePolicy = false }
        return update
    }
}

extension TabletOptions {
    /// What a backend of 2023 can be asked, with the schema.
    fileprivate var oldest: TabletOptions {
        var options = TabletOptions()
        options.disableAutoCompaction = disableAutoCompaction
        return options
    }
}

extension CloneRequest {
    fileprivate func spoken(in dialect: WireDialect) -> CloneRequest {
        var request = self
        if !dialect.has(.cloneIDs) {
            request.partitionID = nil
            request.tableID = nil
        }
        return request
    }
}

extension PushedRules {
    fileprivate func spoken(in dialect: WireDialect) -> PushedRules {
        var rules = self
        rules.resources = resources.map { resource in
            var resource = resource
            resource.s3 = resource.s3.spoken(in: dialect)
            if !dialect.has(.ownStorageMembers) { resource.policyNames = [] }
            return resource
        }
        return rules
    }
}
