internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTPTypes

/// Answers `Expect: 100-continue` once a handler begins to read the body: it is wanted then. A request that is refused
/// before gets its answer instead, and its client need not send the body at all. (curl waits a second for the 100.)
struct ContinueMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return try await next(request, context) }
        var request = request
        request.body = RequestBody(asyncSequence: InvitedBody(body: request.body, channel: context.channel))
        return try await next(request, context)
    }
}

/// A body whose first read asks the client for it.
private struct InvitedBody: AsyncSequence, Sendable {
    let body: RequestBody
    let channel: any Channel

    struct AsyncIterator: AsyncIteratorProtocol {
        var body: RequestBody.AsyncIterator
        let channel: any Channel
        var isInvited = false

        mutating func next() async throws -> ByteBuffer? {
            if !isInvited {
                isInvited = true
                try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
            }
            return try await body.next()
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: body.makeAsyncIterator(), channel: channel) }
}
