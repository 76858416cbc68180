public import Hummingbird

/// How Doris' daemons wrap what they answer: `{"msg", "code", "data", "count"}`. An error is answered with HTTP 200 and its
/// code in there, where Doris does so.
public struct DorisAnswer<Content: Encodable & Sendable>: Encodable, Sendable {
    var msg: String
    var code: Int
    var data: Content?
    var count: Int

    public init(_ data: Content?, message: String = "success", count: Int = 0) {
        msg = message
        code = 0
        self.data = data
        self.count = count
    }

    private enum Key: String, CodingKey { case msg, code, data, count }

    /// Without content, `data` is null and not left out.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(msg, forKey: .msg)
        try members.encode(code, forKey: .code)
        try members.encode(data, forKey: .data)
        try members.encode(count, forKey: .count)
    }
}

extension DorisAnswer {
    public func response() throws -> Response { try jsonResponse(self) }
}

extension DorisAnswer where Content == String {
    /// An error, or a success without content (`code` 0).
    public init(code: Int, message: String, data: String? = nil) {
        msg = message
        self.code = code
        self.data = data
        count = 0
    }

    /// What tells of an error does not fail.
    public func failure() -> Response { (try? response()) ?? Response(status: .internalServerError) }

    /// It failed (Doris' COMMON).
    public init(error reason: String) { self.init(code: 1, message: "Error", data: reason) }

    /// The request is not understood.
    public init(badRequest reason: String) { self.init(code: 403, message: "Bad Request", data: reason) }
}
