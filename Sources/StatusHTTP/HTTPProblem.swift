public import HTTPTypes
public import Hummingbird

/// An answer that is not a success: a status, a stable code for scripts, and a sentence with the next step for people.
/// On the wire: `{"error": {"code": …, "message": …}}`.
public struct HTTPProblem: Error, Sendable, HTTPResponseError, CustomStringConvertible {
    public let status: HTTPResponse.Status
    public let code: String
    public let message: String

    public init(_ status: HTTPResponse.Status, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    public static func notFound(_ message: String) -> Self { .init(.notFound, code: "notFound", message: message) }
    public static func badRequest(_ message: String) -> Self {
        .init(.badRequest, code: "invalidArgument", message: message)
    }
    public static func forbidden(_ message: String) -> Self {
        .init(.forbidden, code: "notAuthorized", message: message)
    }
    public static func unauthorized(_ message: String) -> Self {
        .init(.unauthorized, code: "notAuthorized", message: message)
    }
    public static func tooManyFailures(_ message: String) -> Self {
        .init(.tooManyRequests, code: "tooManyFailures", message: message)
    }
    public static func unavailable(_ message: String) -> Self {
        .init(.serviceUnavailable, code: "unavailable", message: message)
    }
    public static let busy = unavailable("too many requests are waiting; try again in a moment")

    public var description: String { "\(code): \(message)" }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try jsonResponse(["error": ["code": code, "message": message]], status: status)
    }
}
