public import AccessControl
public import ClusterMetadata
public import HTTPAPI
internal import TabletModel

extension PasswordHash {
    /// Of a password that somebody chose.
    /// - Throws: `MasterError` with this next step: an empty one is none.
    public init(chosen password: String, otherwise nextStep: String) throws(MasterError) {
        guard !password.isEmpty else {
            throw MasterError(.invalidArgument, "an empty password is none", nextStep: nextStep)
        }
        self.init(of: password)
    }
}

extension GrantView {
    public init(_ grant: Grant) { self.init(right: grant.right.description, database: grant.database) }

    /// - Throws: `MasterError` for a right that there is not.
    public func grant() throws -> Grant {
        guard let found = Right.allCases.first(where: { $0.description == right.uppercased() }) else {
            throw MasterError(
                .invalidArgument, "there is no right '\(right)'",
                nextStep: "give one of \(Right.allCases.map(\.description).joined(separator: ", "))")
        }
        return Grant(found, on: database)
    }
}

extension UserView {
    public init(_ user: User) {
        self.init(
            name: user.name, hasPassword: user.password != nil, grants: user.grants.all.map { GrantView($0) },
            createdMs: user.createdAt.milliseconds)
    }
}

extension ClusterView {
    /// nil: nobody is a member.
    public init?(_ name: String, in state: ClusterState) {
        let members = state.members(ofCluster: name).compactMap { backend in
            backend.place.map {
                ShardMemberView(
                    shard: $0.shard, backendID: backend.id, address: backend.heartbeatAddress,
                    isAlive: state.isAlive(backend.id))
            }
        }
        guard !members.isEmpty else { return nil }
        self.init(name: name, members: members.sorted { ($0.shard, $0.backendID) < ($1.shard, $1.backendID) })
    }
}
