internal import AccessControl
internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions
internal import Synchronization

extension SQLConnection {
    /// USE: the database must be there, and the user must be allowed something of it.
    func change(to name: String) throws {
        guard may(.read, on: name) else { throw deniedDatabase(name) }
        guard try control().databases().contains(where: { $0.name == name }) else {
            throw SQLError.unknownDatabase("there is no database '\(name)'")
        }
        setDatabase(name)
    }

    func set(_ assignments: [SQLAssignment]) throws -> SQLReply {
        guard !assignments.contains(where: { $0.scope == .global }) else {
            throw SQLError.notSupported(
                "variables are a connection's own; what is for all is the FE's configuration: ADMIN SET FRONTEND CONFIG"
            )
        }
        var values: [(SQLAssignment, String?)] = []
        for assignment in assignments {
            var value = try evaluate(assignment.value).value
            if case .word(let word) = assignment.value, word.uppercased() == "DEFAULT" { value = nil }
            values.append((assignment, value))
        }
        for (assignment, value) in values {
            let isKnown = state.withLock { state in
                assignment.scope == .user
                    ? state.variables.setUser(assignment.name, value) : state.variables.set(assignment.name, value)
            }
            if isKnown { continue }
            guard assignment.scope != .user else {
                throw SQLError.tooLarge(
                    "a connection keeps \(SessionVariables.limit) variables of \(SessionVariables.valueBytes) bytes at most"
                )
            }
            throw Self.unknownVariable(assignment.name)
        }
        return .done()
    }

    func setNames(_ charset: String?) throws -> SQLReply {
        let known = ["utf8", "utf8mb3", "utf8mb4", "binary", "ascii", "latin1", "gbk"]
        let name = charset?.lowercased() ?? "utf8mb4"
        guard known.contains(name) else {
            throw SQLError(1115, "42000", "there is no character set '\(name)': texts are utf8mb4")
        }
        state.withLock { state in
            for variable in ["character_set_client", "character_set_connection", "character_set_results"] {
                _ = state.variables.set(variable, name)
            }
        }
        return .done()
    }

    func variables(isGlobal: Bool, _ filter: SQLFilter?) -> SQLReply {
        let all = isGlobal ? SessionVariables().all : state.withLock { $0.variables.all }
        let rows: [[String?]] = all.filter { filter?.holds(for: $0.name) ?? true }.map { name, value in
            [name, name == "version_comment" ? environment.version : value]
        }
        return ResultTable(["Variable_name", "Value"], rows).reply
    }

    func status(_ filter: SQLFilter?) -> SQLReply {
        let known = [
            ("Ssl_cipher", login.isEncrypted ? "TLS" : ""), ("Ssl_version", login.isEncrypted ? "TLSv1.3" : ""),
            ("Threads_connected", "\(processes.all.count)"),
        ]
        return ResultTable(
            ["Variable_name", "Value"], known.filter { filter?.holds(for: $0.0) ?? true }.map { [$0.0, $0.1] }
        ).reply
    }

    // MARK: Warnings

    func warningsShown() -> SQLReply {
        let warnings = state.withLock { $0.warnings }
        return ResultTable(
            [SQLColumn("Level"), SQLColumn("Code", .integer), SQLColumn("Message")],
            warnings.map { [$0.level, "\($0.number)", $0.message] }
        ).reply
    }

    func countOfWarnings() -> SQLReply {
        let count = state.withLock { $0.warnings.count }
        return ResultTable([SQLColumn("@@session.warning_count", .integer)], [["\(count)"]]).reply
    }
}
