public import AccessControl
public import TabletModel

/// Who may log in, and what they may do.
public struct User: Hashable, Sendable {
    /// Is there in every cluster, may everything, and can't be dropped.
    public static let root = "root"

    public let name: String
    /// nil: nobody has set one. Such a user logs in from the FE's own machine alone.
    public var password: PasswordHash?
    public var grants: Grants
    public var createdAt: UnixTime

    public init(name: String, password: PasswordHash?, grants: Grants = Grants(), createdAt: UnixTime) {
        self.name = name
        self.password = password
        self.grants = grants
        self.createdAt = createdAt
    }
}

extension ClusterState {
    /// By name; `root` is always there.
    public var users: [User] {
        var all = usersByName
        all[User.root] = root
        return all.values.sorted { $0.name < $1.name }
    }

    /// Whether anything was ever changed of `root`.
    public var hasStoredRoot: Bool { usersByName[User.root] != nil }

    public func user(named name: String) -> User? { name == User.root ? root : usersByName[name] }

    private var root: User {
        usersByName[User.root]
            ?? User(name: User.root, password: nil, grants: [Grant(.admin)], createdAt: UnixTime(milliseconds: 0))
    }

    mutating func applyToUsers(_ entry: JournalEntry) {
        switch entry {
        case .upsertUser(let user): usersByName[user.name] = user
        case .dropUser(let name): usersByName[name] = nil
        default: break
        }
    }
}
