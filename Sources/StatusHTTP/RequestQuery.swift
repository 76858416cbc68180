internal import ByteText
public import Hummingbird

extension Request {
    /// A query parameter as text; nil when absent.
    public func query(_ name: String) -> String? { uri.queryParameters[Substring(name)].map(String.init) }

    public func requiredQuery(_ name: String) throws -> String {
        guard let value = query(name) else { throw HTTPProblem.badRequest("the query parameter '\(name)' is missing") }
        return value
    }

    /// A query parameter as a number; something else than a number is a 400.
    public func integerQuery(_ name: String) throws -> Int64? {
        guard let text = query(name) else { return nil }
        guard let value = Int64(text) else {
            throw HTTPProblem.badRequest("the query parameter '\(name)' must be a whole number, not '\(text)'")
        }
        return value
    }

    public func flagQuery(_ name: String) -> Bool {
        guard let text = query(name) else { return false }
        return text.isEmpty || text == "true" || text == "1"
    }
}

/// Names and values as the query of a request that this daemon sends.
public func queryText(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
}
