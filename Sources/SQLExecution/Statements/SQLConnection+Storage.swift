internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    /// Resources, policies and backups; nil: the statement is about something else.
    func answerStorage(_ statement: SQLStatement) throws -> SQLReply? {
        let control = try control()
        switch statement {
        case .createResource(let name, let ifNotExists, let properties):
            return try createResource(name, ifNotExists: ifNotExists, properties)
        case .alterResource(let name, let properties):
            let (request, checks) = try ResourceProperties.alteration(properties)
            if checks { try tried(try control.checkStorageResource(name, request)) }
            _ = try control.alterStorageResource(name, request)
            return .done()
        case .dropResource(let name, let ifExists, let isForced):
            return try unless(.notFound, ifExists) {
                try control.dropStorageResource(name, givesUpGarbage: isForced)
            }
        case .showResources(let filter):
            let resources = try control.storageResources().filter { filter?.holds(for: $0.name) ?? true }
            return StorageTables.resources(resources).reply
        case .createStoragePolicy(let name, let ifNotExists, let properties):
            let request = try PolicyProperties.creation(name, properties)
            return try unless(.alreadyExists, ifNotExists) { _ = try control.createStoragePolicy(request) }
        case .alterStoragePolicy(let name, let properties):
            _ = try control.alterStoragePolicy(name, try PolicyProperties.alteration(properties))
            return .done()
        case .dropStoragePolicy(let name, let ifExists):
            return try unless(.notFound, ifExists) { try control.dropStoragePolicy(name) }
        case .showStoragePolicies: return StorageTables.policies(try control.storagePolicyViews()).reply
        case .showStoragePolicyUse(let name):
            let policies = try control.storagePolicyViews().filter { name == nil || $0.name == name }
            guard !policies.isEmpty || name == nil else {
                throw SQLError.unknown("there is no storage policy \(name!)")
            }
            return StorageTables.uses(policies).reply
        case .showCooldown: return StorageTables.cooldown(try control.cooldownStatus()).reply
        default: return try answerBackups(statement)
        }
    }

    private func createResource(_ name: String, ifNotExists: Bool, _ properties: [SQLProperty]) throws -> SQLReply {
        let control = try control()
        let (request, checks) = try ResourceProperties.creation(name, properties)
        if ifNotExists, try control.storageResources().contains(where: { $0.name == name }) {
            return done(warnings: ["storage resource \(name) exists"])
        }
        if checks { try tried(try control.checkStorageResource(request)) }
        return try unless(.alreadyExists, ifNotExists) { _ = try control.createStorageResource(request) }
    }

    /// Backends tried the store; the statement fails with what they met.
    private func tried(_ job: JobView) throws { try wait(for: job, "backends try the store") }
}
