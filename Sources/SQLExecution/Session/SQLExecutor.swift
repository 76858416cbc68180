internal import AccessControl
internal import Platform
public import SQLSessions

/// Carries statements out: makes a session of each login, and runs what other frontends pass on.
public struct SQLExecutor: SQLSessions {
    let environment: SQLEnvironment
    let processes = SQLProcesses()

    public init(_ environment: SQLEnvironment) { self.environment = environment }

    public func logIn(_ login: SQLLogin) throws -> any SQLSession {
        let user = try environment.access.logIn(login)
        let session = SQLConnection(environment, processes, login, user: user)
        if let database = login.database, !database.isEmpty { try session.use(database) }
        session.register()
        return session
    }

    /// A statement that another frontend was asked. Its user was checked there; what the user may is looked at here.
    public func run(_ forwarded: ForwardedStatement) throws -> SQLReply {
        let session = SQLConnection(
            environment, processes,
            SQLLogin(
                user: forwarded.user, proof: .none, host: "", database: nil, isEncrypted: false, connection: 0),
            user: forwarded.user, checkWanted: forwarded.checkWanted)
        session.setDatabase(forwarded.database)
        return try session.run(forwarded.text, isForwarded: true)
    }
}
