/// A request as the faulty server got it.
public struct ReceivedRequest: Hashable, Sendable {
    public var method: String
    /// Path and query, as sent.
    public var target: String
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    /// From 1, in the order they were accepted.
    public var connection: Int

    public var path: String { String(target.prefix { $0 != "?" }) }
    public var query: String { String(target.drop { $0 != "?" }.dropFirst()) }
}

/// What the faulty server does with a request.
public enum FaultyAnswer: Sendable {
    case respond(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
    /// Says `Content-Length: declared`, sends `body` and closes.
    case truncated(status: Int = 200, declared: Int, body: [UInt8] = [])
    /// Cuts the connection with a TCP reset, without a word.
    case reset
    /// Says nothing more until the peer goes away or the server stops; then closes.
    case silence
    /// Sends the head of an answer and `body`, then falls silent.
    case stall(status: Int = 200, declared: Int, body: [UInt8] = [])
    /// Bytes as they are, then closes.
    case raw([UInt8])

    public static func xml(_ status: Int, _ text: String, headers: [String: String] = [:]) -> FaultyAnswer {
        .respond(
            status: status, headers: headers.merging(["Content-Type": "application/xml"]) { $1 }, body: Array(text.utf8)
        )
    }

    public static func s3Error(
        _ status: Int, _ code: String, _ message: String = "", headers: [String: String] = [:]
    ) -> FaultyAnswer {
        .xml(
            status, "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>\(message)</Message></Error>",
            headers: headers)
    }
}
