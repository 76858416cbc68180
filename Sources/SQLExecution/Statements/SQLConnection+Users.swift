internal import AccessControl
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    /// Users and rights; nil: the statement is about something else.
    func answerUsers(_ statement: SQLStatement) throws -> SQLReply? {
        let users = environment.users
        switch statement {
        case .createUser(let new, let password, let ifNotExists):
            let name = try name(of: new)
            if ifNotExists, try users.users().contains(where: { $0.name == name }) {
                return done(warnings: ["user '\(name)' exists"])
            }
            try users.createUser(name, password: password?.value)
        case .dropUser(let old, let ifExists):
            let name = try name(of: old)
            if ifExists, try !users.users().contains(where: { $0.name == name }) {
                return done(warnings: ["there is no user '\(name)'"])
            }
            try users.dropUser(name)
        case .alterUser(let other, let password): try users.setPassword(of: try name(of: other), to: password.value)
        case .setPassword(let other, let password):
            try users.setPassword(of: try other.map(name) ?? user, to: password.value)
        case .grant(let request):
            let name = try name(of: request.user)
            for right in request.rights { try users.grant(right, on: request.database, to: name) }
        case .revoke(let request):
            let name = try name(of: request.user)
            for right in request.rights { try users.revoke(right, on: request.database, from: name) }
        case .showUsers: return UserTables.users(try users.users()).reply
        case .showGrants(let other, let isAll):
            let name = try other.map(name) ?? user
            let shown = try users.users().filter { isAll || $0.name == name }
            guard !shown.isEmpty else { throw SQLError.unknown("there is no user '\(name)'") }
            return UserTables.grants(shown).reply
        default: return nil
        }
        return .done()
    }

    /// A user is one from wherever it comes: `allowed_hosts` says who may come at all.
    private func name(of user: SQLUser) throws(SQLError) -> String {
        guard user.host == nil || user.host == "%" else {
            throw .notSupported("a user is the same from everywhere: '\(user.name)', or '\(user.name)'@'%'")
        }
        return user.name
    }
}
