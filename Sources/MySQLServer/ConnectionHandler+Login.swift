internal import AccessControl
internal import Logging
internal import MySQLProtocol
internal import NIOCore
internal import SQLSessions

extension ConnectionHandler {
    var tooMany: SQLError {
        .tooManyConnections("Too many connections: the limit is \(configuration.connectionLimit)")
    }

    func logIn(_ login: Conversation.Login) {
        guard let context, let place else { return }
        work = .loggingIn
        // What takes time from here on is ours.
        watch?.rest()
        // A user that changes leaves first.
        session?.end()
        session = nil
        guard !place.isSpare || login.user == "root" else { return deny(tooMany) }
        switch configuration.admit(login.user, host) {
        case .now: check(login)
        case .after(let delay):
            let me = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { me.value.check(login) }
        case .refused(let delay):
            deny(
                .accessDenied(
                    "Access denied for user '\(login.user)'@'\(host)': too many logins failed; try again in"
                        + " \(max(1, delay.components.seconds)) s"))
        }
    }

    private func check(_ login: Conversation.Login) {
        guard case .loggingIn = work, let context, let place else { return }
        guard let thread = port.logins.enter() else { return deny(.busy("logins")) }
        let loop = context.eventLoop
        let me = NIOLoopBound(self, eventLoop: loop)
        let port = port
        // By number: who keeps this beyond the connection's end keeps nothing of it.
        let asked = SQLLogin(
            user: login.user, proof: login.proof, host: host, database: login.database,
            isEncrypted: login.isEncrypted, connection: place.number,
            disconnect: { port.table.tell(.kill, to: place.number) })
        port.logins.run {
            let result = Result { try port.sessions.logIn(asked) }
            _ = thread
            loop.execute { me.value.took(result) }
        }
    }

    private func took(_ result: Result<any SQLSession, any Error>) {
        guard case .loggingIn = work else {
            // The client has gone.
            if case .success(let session) = result { session.end() }
            return
        }
        switch result {
        case .success(let session):
            work = .none
            self.session = session
            port.counters.logins.increment()
            conversation?.loggedIn()
            process()
        case .failure(let error as SQLError): deny(error)
        case .failure(let error):
            port.logger.error("a login failed unexpectedly", metadata: ["error": "\(type(of: error))"])
            deny(.unexpected)
        }
    }

    private func deny(_ error: SQLError) {
        work = .none
        port.counters.loginsFailed.increment()
        conversation?.refuse(error)
        finish()
    }
}
