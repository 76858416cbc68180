internal import SQLGrammar
internal import SQLSessions
internal import Synchronization

extension SQLConnection {
    private static let preparedLimit = 64

    func prepare(_ name: String, _ source: PreparedSource) throws -> SQLReply {
        let text: String
        switch source {
        case .text(let secret): text = secret.value
        case .variable(let variable):
            guard let value = state.withLock({ $0.variables.user[variable] ?? nil }) else {
                throw SQLError(1064, "42000", "@\(variable) is null: it is no statement")
            }
            text = value
        }
        guard let prepared = PreparedText(Array(text.utf8)) else {
            throw SQLError.tooLarge("the statement is too large")
        }
        // What can't be run is refused now; with values to come, only EXECUTE can tell.
        if prepared.parameterCount == 0 {
            do { _ = try ParsedStatement(prepared.text(with: [])) } catch { throw SQLError(error) }
        }
        let isKept = state.withLock { state in
            guard state.prepared.count < Self.preparedLimit || state.prepared[name] != nil else { return false }
            state.prepared[name] = prepared
            return true
        }
        guard isKept else {
            throw SQLError(1461, "42000", "a connection keeps \(Self.preparedLimit) prepared statements at most")
        }
        return .done()
    }

    func execute(_ name: String, _ variables: [String]) throws -> SQLReply {
        let (found, values) = state.withLock { state in
            (state.prepared[name], variables.map { state.variables.user[$0] ?? nil })
        }
        guard let prepared = found else { throw Self.notPrepared(name) }
        guard prepared.parameterCount == values.count else {
            throw SQLError(
                1210, "HY000", "the statement has \(prepared.parameterCount) values, USING names \(values.count)")
        }
        let text = prepared.text(with: values.map { $0.map { .text($0) } ?? .null })
        let parsed: ParsedStatement
        do { parsed = try ParsedStatement(text) } catch { throw SQLError(error) }
        if case .execute = parsed.statement { throw SQLError.notSupported("a prepared statement runs no other") }
        return try answer(parsed, text, isForwarded: false)
    }

    func deallocate(_ name: String) throws -> SQLReply {
        guard state.withLock({ $0.prepared.removeValue(forKey: name) }) != nil else { throw Self.notPrepared(name) }
        return .done()
    }

    private static func notPrepared(_ name: String) -> SQLError {
        SQLError(1243, "HY000", "there is no prepared statement '\(name)'")
    }
}
