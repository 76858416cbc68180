internal import HTTPAPI
internal import SQLGrammar
internal import SQLSessions

extension SQLError {
    /// What a client is told of any failure.
    init(of error: any Error) {
        switch error {
        case let error as SQLError: self = error
        case let error as MasterError: self.init(error)
        case let error as SQLSyntaxError: self.init(error)
        case let error as MasterAway: self = .unavailable("no master answers: \(error.reason)")
        default: self = .unknown("\(error)")
        }
    }

    init(_ error: SQLSyntaxError) {
        switch error.kind {
        case .syntax: self = .syntax("\(error)")
        case .notSupported: self = .notSupported("\(error)")
        case .tooLarge: self = .tooLarge("\(error)")
        case .empty: self.init(1065, "42000", "\(error)")
        }
    }

    init(_ error: MasterError) {
        let text = "\(error.message); \(error.nextStep)"
        switch error.code {
        case .unavailable: self = .unavailable(text)
        case .readOnly: self.init(1290, "HY000", text)
        case .notAuthorized: self = .missingRight(text)
        case .tooLarge: self = .tooLarge(text)
        case .invalidArgument: self.init(1210, "HY000", text)
        default: self = .unknown(text)
        }
    }

    static func unknownTable(_ table: TableName) -> Self { .unknownTable("there is no table \(table)") }
}
