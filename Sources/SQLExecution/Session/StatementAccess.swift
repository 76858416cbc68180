internal import AccessControl
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    /// The one place where it is decided whether a user may run a statement; every statement comes through here before anything is
    /// carried out.
    func checkRights(of parsed: ParsedStatement) throws(SQLError) {
        switch parsed.right(of: user) {
        case .anyone: return
        case .cluster(let right):
            guard may(right, on: nil) else { throw denied(parsed, right, "all databases") }
        case .databases(let right):
            for named in parsed.statement.databases {
                guard let name = named ?? database else {
                    throw .noDatabase("no database is chosen: USE one, or name it")
                }
                guard may(right, on: name) else { throw denied(parsed, right, "database \(name)") }
            }
        }
    }

    func may(_ right: Right, on database: String?) -> Bool { environment.access.may(user, right, on: database) }

    /// As MySQL says it of a database.
    func deniedDatabase(_ name: String) -> SQLError {
        SQLError(1044, "42000", "user '\(user)' may see nothing of a database '\(name)'")
    }

    private func denied(_ parsed: ParsedStatement, _ right: Right, _ where: String) -> SQLError {
        if case .use(let name) = parsed.statement { return deniedDatabase(name) }
        return .missingRight(
            "\(parsed.row.name) needs the right \(right) on \(`where`), which user '\(user)' does not have")
    }
}
