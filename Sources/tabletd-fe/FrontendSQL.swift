import AccessControl
import ClusterMetadata
import CurlHTTP
import DaemonRuntime
import HTTPAPI
import Logging
import MasterCore
import MasterHTTP
import MasterServices
import MySQLProtocol
import MySQLServer
import NodeConfiguration
import Platform
import SQLExecution
import SQLSessions
import TabletModel

/// What the SQL port needs of the daemon.
extension FrontendDaemon {
    func makeExecutor() -> SQLExecutor {
        let control: @Sendable () -> (any MasterControl)? = { [running] in running.current }
        let administration = ControlAdministration(control)
        let line = MasterSQL(
            http: client, token: { [store] in store.identity.token }, lastLogID: { [store] in store.lastLogID })
        return SQLExecutor(
            SQLEnvironment(
                control: control,
                forward: { [self] in
                    switch place() {
                    case .here: nil
                    case .at(let master): { try line.run($0, at: master) }
                    case .nowhere(let reason): { _ in throw MasterAway(reason: reason) }
                    }
                },
                access: LoginAccess(logins: logins), users: administration, shards: administration,
                settings: LiveFrontendSettings(live: live), rows: TabletReader(http: client),
                time: scheduler, pause: { [client] in try? client.pause($0) },
                queryPort: Int32(configuration.sql.port), version: Self.version, logger: logger))
    }

    func makeSQLService(_ executor: SQLExecutor, onListening: @escaping @Sendable (Int) -> Void) -> MySQLService {
        var settings = configuration.mysql
        settings.isAllowed = { [doors] in doors.isAllowed($0, at: "SQL") }
        settings.tls = { [doors] in doors.context }
        settings.conversation.requiresTLS = doors.requiresTLS
        settings.admit = { [logins] in logins.admission(of: $0, from: $1) }
        return MySQLService(sessions: executor, configuration: settings, logger: logger, onListening: onListening)
    }
}

/// Users as the metadata have them.
private struct LoginAccess: SQLAccess {
    let logins: Logins

    func logIn(_ login: SQLLogin) throws -> String {
        do {
            return try logins.check(login.user, login.proof, from: login.host).name
        } catch {
            throw SQLError.accessDenied("\(error)")
        }
    }

    func may(_ user: String, _ right: Right, on database: String?) -> Bool {
        logins.known(user)?.grants.allow(right, on: database) ?? false
    }
}

private struct LiveFrontendSettings: SQLExecution.FrontendSettings {
    let live: LiveConfiguration<FrontendConfiguration>

    func settings() -> [SQLExecution.FrontendSetting] {
        live.current.shownSettings.map {
            SQLExecution.FrontendSetting(
                key: $0.name, value: $0.value, type: $0.type.rawValue, isMutable: $0.isRuntime,
                comment: FrontendConfiguration.key(named: $0.name)?.summary ?? "")
        }
    }

    func set(_ key: String, to value: String, isPersisted: Bool) throws {
        do throws(ConfigurationChangeRefusal) {
            try live.change([(key, value)], persists: isPersisted)
        } catch {
            throw MasterError(
                .invalidArgument, "\(error)", nextStep: "ADMIN SHOW FRONTEND CONFIG tells which keys change")
        }
    }
}
