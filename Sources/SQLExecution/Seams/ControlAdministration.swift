public import AccessControl
internal import HTTPAPI
public import MasterCore
internal import MasterServices
public import TabletModel

/// Users and shards as the master's control has them.
public struct ControlAdministration: UserAdministration, ShardAdministration {
    private let control: @Sendable () -> (any MasterControl)?

    public init(_ control: @escaping @Sendable () -> (any MasterControl)?) { self.control = control }

    private func loaded() throws(MasterError) -> any MasterControl {
        guard let control = control() else {
            throw MasterError(.unavailable, "the FE is starting", nextStep: "try again in a moment")
        }
        return control
    }

    // MARK: Users

    public func createUser(_ name: String, password: String?) throws {
        _ = try loaded().createUser(name, password: try password.map(hash), grants: [])
    }

    public func dropUser(_ name: String) throws { try loaded().dropUser(name) }

    public func setPassword(of name: String, to password: String) throws {
        try loaded().setPassword(of: name, to: try hash(password))
    }

    public func grant(_ right: Right, on database: String?, to name: String) throws {
        _ = try loaded().grant(Grant(right, on: database), to: name)
    }

    public func revoke(_ right: Right, on database: String?, from name: String) throws {
        _ = try loaded().revoke(Grant(right, on: database), from: name)
    }

    public func users() throws -> [SQLUserView] {
        try loaded().users().map { user in
            var view = SQLUserView(name: user.name, hasPassword: user.hasPassword)
            for grant in user.grants {
                let right = Right.allCases.first { $0.description == grant.right }
                if let database = grant.database { view.databases[database] = right } else { view.right = right }
            }
            return view
        }
    }

    private func hash(_ password: String) throws(MasterError) -> PasswordHash {
        try PasswordHash(chosen: password, otherwise: "choose another")
    }

    // MARK: Shards

    public func addBackends(_ addresses: [NetworkAddress], toShard shard: Int64, of cluster: String) throws {
        guard let number = UInt32(exactly: shard) else {
            throw MasterError(.invalidArgument, "\(shard) is no number of a shard", nextStep: "give 0 to \(UInt32.max)")
        }
        _ = try loaded().placeBackends(
            PlaceBackendsRequest(backends: addresses, shard: number), inCluster: cluster)
    }

    public func dropBackends(_ addresses: [NetworkAddress], from cluster: String) throws {
        _ = try loaded().placeBackends(PlaceBackendsRequest(backends: addresses, shard: nil), inCluster: cluster)
    }

    public func members() throws -> [ShardMember] {
        try loaded().clusters().flatMap { cluster in
            cluster.members.map {
                ShardMember(cluster: cluster.name, shard: Int64($0.shard), backend: $0.backendID)
            }
        }
    }
}
