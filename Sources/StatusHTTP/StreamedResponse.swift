internal import HTTPTypes
public import Hummingbird
public import Logging
internal import NIOCore

/// Produces a body piece by piece, blocking in each call; nil ends it. Used by one thread at a time.
public protocol BodyProducer: AnyObject, Sendable {
    func next() throws -> [UInt8]?
}

/// A response whose body is produced on the blocking pool while it is sent: at most one piece waits in memory. An error
/// after the first byte cuts the connection, so that the client sees a short body and never takes it for whole; the
/// logger gets the reason, since the client can't.
public func streamedResponse(
    _ producer: any BodyProducer, on pool: BlockingPool, contentType: String, contentLength: Int? = nil,
    logger: Logger, trailerFields: (@Sendable () -> [(String, String)])? = nil
) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = contentType
    let body = ResponseBody(contentLength: contentLength) { writer in
        while let piece = try await nextPiece(of: producer, on: pool, logger) {
            try await writer.write(ByteBuffer(bytes: piece))
        }
        var trailers = HTTPFields()
        for (name, value) in trailerFields?() ?? [] {
            if let field = HTTPField.Name(name) { trailers[field] = value }
        }
        try await writer.finish(trailers.isEmpty ? nil : trailers)
    }
    return Response(status: .ok, headers: headers, body: body)
}

private func nextPiece(
    of producer: any BodyProducer, on pool: BlockingPool, _ logger: Logger
) async throws -> [UInt8]? {
    do {
        return try await pool.run { try producer.next() }
    } catch {
        logger.error("an answer broke off", metadata: ["reason": "\(error)"])
        throw error
    }
}
