internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import NIOCore
internal import Platform
public import StatusHTTP
public import StorageEngine

/// `GET` and `HEAD /api/_tablet/_download?token=…&file=…`: the files of snapshots, for the peers of the cluster
/// (`contract/behaviour.md` §3). A folder is answered with the names in it, one a line; a file with its bytes, or with one
/// range of them.
///
/// Only who knows the cluster's token gets anything: 401 without one, 403 with another, 503 while this node has not learnt
/// it. A path that is not exactly that of a snapshot's folder or file is 403, one that is gone 404.
public struct DownloadRoutes: Sendable {
    private let snapshots: SnapshotService
    private let pool: BlockingPool
    private let rate: DownloadRate
    private let accepts: @Sendable (String) -> Bool?
    /// Read at once, and held twice a download: one is sent while the next is read.
    private static let pieceBytes: Int64 = 512 << 10

    /// - Parameters:
    ///   - bytesPerSecond: of all downloads together; 0 sets no limit.
    ///   - accepts: whether a token is the cluster's, in constant time; nil while that is not known.
    public init(
        snapshots: SnapshotService, pool: BlockingPool, bytesPerSecond: Int = 0,
        accepts: @escaping @Sendable (String) -> Bool?
    ) {
        self.snapshots = snapshots
        self.pool = pool
        self.accepts = accepts
        rate = DownloadRate(bytesPerSecond: bytesPerSecond)
    }

    /// These routes and no others.
    public func router() -> HTTPService.Routes {
        let router = HTTPService.makeRoutes()
        add(to: router)
        return router
    }

    public func add(to router: HTTPService.Routes) {
        router.get("api/_tablet/_download") { request, context in try await answer(request, context) }
        router.head("api/_tablet/_download") { request, context in
            try await answer(request, context).createHeadResponse()
        }
    }

    private func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        try checkToken(request)
        let path = try request.requiredQuery("file")
        switch try await open(path) {
        case .folder(let names): return textResponse(names.map { $0 + "\n" }.joined())
        case .file(let file): return respond(file, request, path, context)
        }
    }

    private func checkToken(_ request: Request) throws {
        guard let token = request.query("token"), !token.isEmpty else {
            throw HTTPProblem(.unauthorized, code: "notAuthorized", message: "the query parameter 'token' is missing")
        }
        switch accepts(token) {
        case true?: return
        case false?: throw HTTPProblem.forbidden("the token is not this cluster's")
        case nil: throw HTTPProblem.unavailable("this backend has had no heartbeat yet: try again")
        }
    }

    private func open(_ path: String) async throws -> SnapshotDownload {
        do {
            return try await pool.run { [snapshots] in try snapshots.download(path) }
        } catch let error as SnapshotDownload.Refusal {
            switch error {
            case .outside: throw HTTPProblem.forbidden(error.description)
            case .absent: throw HTTPProblem.notFound(error.description)
            }
        } catch let error as EngineError {
            throw HTTPProblem.unavailable(error.description)
        } catch let error as FileSystemError {
            throw HTTPProblem(.internalServerError, code: "storage", message: error.description)
        }
    }

    private func respond(
        _ file: any ReadableFile, _ request: Request, _ path: String, _ context: some RequestContext
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        headers[.acceptRanges] = "bytes"
        let size = file.sizeBytes
        let part: Range<Int64>
        var status = HTTPResponse.Status.ok
        switch DownloadRange(request.headers[.range], sizeBytes: size) {
        case .whole: part = 0..<size
        case .part(let wanted):
            part = wanted
            status = .partialContent
            headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(size)"
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
        let logger = context.logger
        let body = ResponseBody(contentLength: part.count) { writer in
            do {
                try await send(file, part, to: &writer)
            } catch {
                // The peer sees a short body, and the connection is cut.
                logger.warning("a download broke off", metadata: ["file": "\(path)", "reason": "\(error)"])
                throw error
            }
        }
        return Response(status: status, headers: headers, body: body)
    }

    private func send(
        _ file: any ReadableFile, _ part: Range<Int64>, to writer: inout any ResponseBodyWriter
    ) async throws {
        var piece = try await read(file, from: part.lowerBound, of: part)
        var sent = part.lowerBound
        while let now = piece {
            try await rate.admit(now.readableBytes)
            sent += Int64(now.readableBytes)
            let following = sent
            async let next = read(file, from: following, of: part)
            try await writer.write(now)
            piece = try await next
        }
        try await writer.finish(nil)
    }

    /// The next piece of the part; nil at its end. Straight into the buffer that is sent.
    private func read(_ file: any ReadableFile, from offset: Int64, of part: Range<Int64>) async throws -> ByteBuffer? {
        let count = Int(min(Self.pieceBytes, part.upperBound - offset))
        guard count > 0 else { return nil }
        return try await pool.run {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let got = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { free in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: free[..<count]), at: offset)
            }
            guard got == count else {
                throw FileSystemError(
                    .io, operation: "read", path: "(snapshot file)", message: "it ended \(count - got) bytes early")
            }
            return buffer
        }
    }
}
