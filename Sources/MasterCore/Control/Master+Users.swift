public import AccessControl
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import TabletModel

extension Master {
    public func users() throws -> [UserView] { environment.store.read { $0.users.map { UserView($0) } } }

    public func createUser(_ name: String, password: PasswordHash?, grants: Grants) throws -> UserView {
        try UserName.check(name)
        let user = User(name: name, password: password, grants: grants, createdAt: environment.wallNow)
        try environment.commit { state, _ in
            guard state.user(named: name) == nil else {
                throw MasterError(
                    .alreadyExists, "user \(name) is there already",
                    nextStep: "set the password or the rights of that one")
            }
            return ([.upsertUser(user)], ())
        }
        environment.logger.notice("user created", metadata: ["user": "\(name)"])
        return UserView(user)
    }

    public func dropUser(_ name: String) throws {
        guard name != User.root else {
            throw MasterError(.conflict, "\(name) can't be dropped", nextStep: "set a password that nobody has")
        }
        _ = try change(name) { _ in nil }
        environment.logger.notice("user dropped", metadata: ["user": "\(name)"])
    }

    public func setPassword(of name: String, to password: PasswordHash?) throws {
        _ = try change(name) { user in
            var user = user
            user.password = password
            return user
        }
        environment.logger.notice(
            password == nil ? "password taken away" : "password set", metadata: ["user": "\(name)"])
    }

    public func grant(_ grant: Grant, to name: String) throws -> UserView {
        let user = try change(name) { user in
            var user = user
            user.grants.give(grant)
            return user
        }
        environment.logger.notice("right given", metadata: ["user": "\(name)", "right": "\(grant)"])
        return UserView(user)
    }

    public func revoke(_ grant: Grant, from name: String) throws -> UserView {
        guard name != User.root else {
            throw MasterError(
                .conflict, "\(name) keeps its rights", nextStep: "make a user with fewer and use that one")
        }
        let user = try change(name) { user in
            var user = user
            guard user.grants.take(grant) else {
                throw MasterError(
                    .notFound, "user \(name) has no \(grant)", nextStep: "look at what it has: SHOW GRANTS FOR \(name)")
            }
            return user
        }
        environment.logger.notice("right taken back", metadata: ["user": "\(name)", "right": "\(grant)"])
        return UserView(user)
    }

    /// - Parameter body: nil drops the user.
    private func change(_ name: String, _ body: (User) throws -> User?) throws -> User {
        try environment.commit { state, _ in
            guard let user = state.user(named: name) else {
                throw MasterError(.notFound, "there is no user \(name)", nextStep: "list the users: SHOW USERS")
            }
            guard let changed = try body(user) else { return ([.dropUser(name)], user) }
            return (changed == user ? [] : [.upsertUser(changed)], changed)
        }
    }
}

/// What a user may be called.
enum UserName {
    static func check(_ name: String) throws {
        let allowed = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_-.@".unicodeScalars.contains(scalar)
        }
        guard allowed, (1...64).contains(name.utf8.count) else {
            throw MasterError(
                .invalidArgument, "'\(name.prefix(80))' is no name of a user",
                nextStep: "use letters, digits, _, -, . and @, up to 64 bytes")
        }
    }
}
