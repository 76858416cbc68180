public import HTTPTypes
public import Hummingbird
public import Logging
internal import NIOCore
public import Platform

/// Read at once, and held twice a response: one is sent while the next is read.
private let pieceBytes: Int64 = 512 << 10

/// A file, or the one part of it that the request's `Range` asks for (206, or 416 when nothing of it is in the file), read on
/// the blocking pool while it is sent. What can't be read any longer cuts the connection: the peer sees a short body, the
/// logger gets the reason.
///
/// - Parameters:
///   - name: for the log.
///   - tag: names these very bytes: sent as a strong `ETag`. A range that an `If-Range` asks of others is not given: then all of
///     these are.
///   - headers: sent besides its own.
public func fileResponse(
    _ file: any ReadableFile, named name: String, tag: String? = nil, to request: Request, on pool: BlockingPool,
    rate: SendRate, headers more: HTTPFields = [:], logger: Logger
) -> Response {
    var headers = more
    let quoted = tag.map { "\"\($0)\"" }
    headers[.eTag] = quoted
    let ifRange = request.headers[.ifRange]
    let isThis = ifRange == nil || ifRange == quoted
    headers[.contentType] = "application/octet-stream"
    headers[.acceptRanges] = "bytes"
    let size = file.sizeBytes
    let part: Range<Int64>
    var status = HTTPResponse.Status.ok
    switch RequestedRange(isThis ? request.headers[.range] : nil, sizeBytes: size) {
    case .whole: part = 0..<size
    case .part(let wanted):
        part = wanted
        status = .partialContent
        headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(size)"
    case .unsatisfiable:
        headers[.contentRange] = "bytes */\(size)"
        return Response(status: .rangeNotSatisfiable, headers: headers)
    }
    let body = ResponseBody(contentLength: part.count) { writer in
        do {
            try await send(file, part, on: pool, rate, to: &writer)
        } catch {
            logger.warning("a download broke off", metadata: ["file": "\(name)", "reason": "\(error)"])
            throw error
        }
    }
    return Response(status: status, headers: headers, body: body)
}

private func send(
    _ file: any ReadableFile, _ part: Range<Int64>, on pool: BlockingPool, _ rate: SendRate,
    to writer: inout any ResponseBodyWriter
) async throws {
    var piece = try await read(file, from: part.lowerBound, of: part, on: pool)
    var sent = part.lowerBound
    while let now = piece {
        try await rate.admit(now.readableBytes)
        sent += Int64(now.readableBytes)
        let following = sent
        async let next = read(file, from: following, of: part, on: pool)
        try await writer.write(now)
        piece = try await next
    }
    try await writer.finish(nil)
}

/// The next piece of the part; nil at its end. Straight into the buffer that is sent.
private func read(
    _ file: any ReadableFile, from offset: Int64, of part: Range<Int64>, on pool: BlockingPool
) async throws -> ByteBuffer? {
    let count = Int(min(pieceBytes, part.upperBound - offset))
    guard count > 0 else { return nil }
    return try await pool.run {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { free in
            try file.read(into: UnsafeMutableRawBufferPointer(rebasing: free[..<count]), at: offset)
        }
        guard got == count else {
            throw FileSystemError(
                .io, operation: "read", path: "(file that is sent)", message: "it ended \(count - got) bytes early")
        }
        return buffer
    }
}
