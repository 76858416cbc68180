public import AccessControl
public import Hummingbird
internal import NIOCore

/// What a request's handlers know besides the request: the connection it came by.
public struct ConnectionContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Who asks; nil on routes that are open to all.
    public internal(set) var caller: Caller?

    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// - Throws: `HTTPProblem` 403 on a route that is open to all: nobody looked who asks.
    public func loggedIn() throws -> Caller {
        guard let caller else { throw HTTPProblem.forbidden("this needs a user who is logged in") }
        return caller
    }

    /// - Throws: `HTTPProblem` 403 when whoever asks lacks the right. On an open route nobody has any.
    public func require(_ right: Right, on database: String?) throws {
        let caller = try loggedIn()
        guard caller.may(right, on: database) else { throw HTTPProblem.forbidden(lacks(right, of: database, caller)) }
    }

    /// Address of the other side, without its port; nil when nobody knows it any longer.
    public var remoteHost: String? { channel.remoteAddress?.ipAddress }
}
