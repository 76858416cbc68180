// Messages as a peer of a dialect gets them: without the members that it does not have. Pure; `DialectTable` decides.

extension MasterInfo {
    /// - Parameter dialect: nil while it is not known whom this meets: then nothing but the flag tells of us.
    public func spoken(in dialect: WireDialect?) -> MasterInfo {
        let dialect = dialect ?? .year2023
        var info = self
        if !dialect.has(.frontendInfos) { info.frontends = nil }
        if !dialect.has(.tabletReportInactive) { info.tabletReportInactiveMs = nil }
        if !dialect.has(.ownHeartbeatMembers) {
            info.backendUUID = nil
            info.position = nil
            info.judgedPosition = nil
        }
        return info
    }
}

extension HeartbeatReply {
    public func spoken(in dialect: WireDialect) -> HeartbeatReply {
        var reply = self
        reply.status = status.spoken(in: dialect)
        if !dialect.has(.isShutdown) { reply.backend.isShutdown = nil }
        if !dialect.has(.ownHeartbeatMembers) {
            reply.backend.uuid = nil
            reply.backend.heardPosition = nil
        }
        return reply
    }
}

extension FinishTaskRequest {
    /// nil: the peer knows no such task, so it can't be told how one ended.
    public func spoken(in dialect: WireDialect) -> FinishTaskRequest? {
        guard dialect.has(type) else { return nil }
        var request = self
        request.dialect = dialect
        request.status = status.spoken(in: dialect)
        if !dialect.has(.succeededTablets) { request.succeededTablets = nil }
        return request
    }
}

extension OutgoingReport {
    /// Which members of rows and disks go out, the encoder asks the dialect itself.
    public func spoken(in dialect: WireDialect) -> OutgoingReport {
        var report = self
        report.dialect = dialect
        if case .tasks(let tasks) = body { report.body = .tasks(tasks.filter { dialect.has($0.key) }) }
        if !dialect.has(.knownRules) { report.rules = nil }
        if !dialect.has(.indexPolicies) { report.indexPolicies = nil }
        if !dialect.has(.loadOfBackend) { report.load = nil }
        if !dialect.has(.ownReportMembers) {
            report.unreadable = []
            report.storage = nil
            report.processStart = nil
        }
        return report
    }
}

extension StorageRules {
    public func spoken(in dialect: WireDialect) -> StorageRules {
        guard !dialect.has(.ownStorageMembers) else { return self }
        return StorageRules(policies: policies.map { $0.spoken(in: dialect) })
    }
}

extension StoragePolicyEntry {
    func spoken(in dialect: WireDialect) -> StoragePolicyEntry {
        var entry = self
        entry.resource = resource?.spoken(in: dialect)
        if !dialect.has(.ownStorageMembers) {
            entry.resourceID = nil
            entry.resourceVersion = 0
        }
        return entry
    }
}

extension S3Resource {
    func spoken(in dialect: WireDialect) -> S3Resource {
        guard !dialect.has(.newerS3Members) else { return self }
        var resource = self
        resource.usePathStyle = false
        resource.sessionToken = nil
        return resource
    }
}
