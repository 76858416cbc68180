internal import Platform
internal import SQLGrammar
internal import SQLSessions
internal import Synchronization
internal import TabletModel

extension SQLConnection {
    /// SELECT without a table.
    func selectValues(_ items: [SQLItem<SQLExpression>], _ limit: SQLLimit?) throws -> SQLReply {
        var columns: [SQLColumn] = []
        var row: [String?] = []
        for item in items {
            let (value, kind) = try evaluate(item.value)
            columns.append(SQLColumn(item.title, kind))
            row.append(value)
        }
        var table = ResultTable(columns, [row])
        if let limit { table.limit(limit.count, offset: limit.offset) }
        return table.reply
    }

    func evaluate(_ expression: SQLExpression) throws -> (value: String?, kind: SQLColumn.Kind) {
        switch expression {
        case .literal(.number(let text)): (text, text.allSatisfy { $0.isNumber || $0 == "-" } ? .integer : .decimal)
        case .literal(.boolean(let isTrue)): (isTrue ? "1" : "0", .integer)
        case .literal(let value): (value.string, .text)
        case .word(let word): (word, .text)
        case .variable(let scope, let name): try variable(scope, name)
        case .function(let name, let arguments): try function(name, arguments)
        }
    }

    private func variable(_ scope: SQLScope, _ name: String) throws -> (String?, SQLColumn.Kind) {
        if scope == .user { return (state.withLock { $0.variables.user[name] ?? nil }, .text) }
        switch name {
        case "warning_count", "error_count":
            let count = state.withLock { $0.warnings.count { name == "warning_count" || $0.level == "Error" } }
            return ("\(count)", .integer)
        case "version_comment": return (environment.version, .text)
        case "hostname": return ("", .text)
        default: break
        }
        guard let value = state.withLock({ $0.variables[name] }) else { throw Self.unknownVariable(name) }
        // Read as numbers by clients, though shown as words.
        switch value {
        case "ON": return ("1", .integer)
        case "OFF": return ("0", .integer)
        default: return (value, !value.isEmpty && value.allSatisfy(\.isNumber) ? .integer : .text)
        }
    }

    static func unknownVariable(_ name: String) -> SQLError {
        SQLError(1193, "HY000", "there is no variable '\(name)': SHOW VARIABLES lists those that there are")
    }

    private func function(_ name: String, _ arguments: [SQLExpression]) throws -> (String?, SQLColumn.Kind) {
        switch (name, arguments.count) {
        case ("DATABASE", 0), ("SCHEMA", 0): return (database, .text)
        case ("USER", 0), ("SESSION_USER", 0), ("SYSTEM_USER", 0): return ("'\(user)'@'\(login.host)'", .text)
        case ("CURRENT_USER", 0): return ("'\(user)'@'%'", .text)
        case ("VERSION", 0): return (ServerTables.mysqlVersion, .text)
        case ("CONNECTION_ID", 0): return ("\(login.connection)", .integer)
        case ("NOW", 0), ("CURRENT_TIMESTAMP", 0), ("SYSDATE", 0), ("LOCALTIME", 0), ("UTC_TIMESTAMP", 0):
            return (DorisTexts.time(environment.time.wallNow.milliseconds), .dateTime)
        case ("UNIX_TIMESTAMP", 0): return ("\(environment.time.wallNow.seconds)", .integer)
        case ("CONCAT", 1...):
            var text = ""
            for argument in arguments {
                guard let part = try evaluate(argument).value else { return (nil, .text) }
                guard text.utf8.count + part.utf8.count <= SessionVariables.valueBytes else {
                    throw SQLError.tooLarge("the text would have more than \(SessionVariables.valueBytes) bytes")
                }
                text += part
            }
            return (text, .text)
        case ("IFNULL", 2):
            let first = try evaluate(arguments[0])
            return first.value == nil ? try evaluate(arguments[1]) : first
        default:
            throw SQLError.notSupported(
                "there is no function \(name) of \(arguments.count) values; there are DATABASE(), USER(), CURRENT_USER(), "
                    + "VERSION(), CONNECTION_ID(), NOW(), UNIX_TIMESTAMP(), CONCAT(…) and IFNULL(a, b)")
        }
    }
}
