public import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import TabletModel

/// Who needs a storage resource: what keeps it from being dropped.
struct ResourceUsers {
    private let resource: StorageResource
    private(set) var policies: [String] = []
    /// Tables whose policies ever pointed to it: their rowsets may name it.
    private(set) var tables: [TableName] = []
    /// Tablets whose rowsets name it, and remote garbage that waits, as backends reported last.
    private(set) var tablets: Int64 = 0
    private(set) var garbage: Int64 = 0
    private(set) var holders: [BackendID] = []
    /// Backends of ours that have not told since this FE, or they, started.
    private(set) var silent: [BackendID] = []

    init(of resource: StorageResource, in state: ClusterState) {
        self.resource = resource
        policies = state.policies.filter { $0.resource == resource.name }.map(\.name)
        tables = state.tables.filter { $0.storageResources.contains(resource.id) }.map { state.name(of: $0) }
        for backend in state.backends {
            guard let storage = state.status(of: backend.id).storage else {
                if backend.isOurs { silent.append(backend.id) }
                continue
            }
            for use in storage.resources where names(use.resource) && (use.tablets > 0 || use.garbage > 0) {
                tablets += use.tablets
                garbage += use.garbage
                holders.append(backend.id)
            }
        }
    }

    private func names(_ name: String) -> Bool {
        name == String(resource.id) || resource.policyNames.contains(name)
    }

    /// Why it can't be dropped, and what to do; nil when it can.
    func refusal(givesUpGarbage: Bool) -> MasterError? {
        let name = "storage resource \(resource.name)"
        if !policies.isEmpty {
            return MasterError(
                .conflict, "\(name) is used by \(list(policies))", nextStep: "drop these policies first")
        }
        if !tables.isEmpty {
            return MasterError(
                .conflict, "\(name) may hold rows of \(list(tables.map(\.description))): without it they are lost",
                nextStep: "drop these tables first, or keep the resource")
        }
        if tablets > 0 {
            return MasterError(
                .conflict,
                "\(name) holds rows of \(tablets) replicas on \(list(holders.map { "backend \($0)" })), of tables that are "
                    + "just being dropped or that this FE does not know",
                nextStep: "wait until `tabletctl resources` shows none, or find out whose they are")
        }
        if givesUpGarbage { return nil }
        if garbage > 0 {
            return MasterError(
                .conflict,
                "backends still delete objects in \(name): \(garbage) records on "
                    + list(holders.map { "backend \($0)" }),
                nextStep: "wait until they are gone, or drop it with --give-up-garbage, which leaves the objects there")
        }
        if !silent.isEmpty {
            return MasterError(
                .conflict,
                "\(list(silent.map { "backend \($0)" })) has not told yet whether it has anything in \(name)",
                nextStep:
                    "wait for its disk report, drop the backend if it is gone for good, or drop the resource with "
                    + "--give-up-garbage, which leaves what it wanted to delete there")
        }
        return nil
    }

    private func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? shown + " and \(names.count - 5) more" : shown
    }
}

extension ClusterState {
    public func requireResource(_ name: String) throws(MasterError) -> StorageResource {
        guard let resource = resource(named: name) else {
            throw MasterError(.notFound, "there is no storage resource \(name)", nextStep: "list storage resources")
        }
        return resource
    }

    /// A backend with replicas of the table that can't be told that a tablet has no policy any longer; nil when all can.
    func backendThatKeepsPolicy(of table: Table) -> Backend? {
        for tablet in table.tabletIDs {
            for replica in tablets.replicas(of: tablet) {
                if let backend = backend(replica.backendID), !backend.canTakePolicyOff { return backend }
            }
        }
        return nil
    }
}

extension Backend {
    /// TTabletMetaInfo of 2023 has no way to say "none"; a policy's id of 2026 has, and so have ours.
    var canTakePolicyOff: Bool { isOurs || dialect == .year2026 }
}
