internal import AccessControl
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
public import StatusHTTP
public import TabletModel

/// Who answers what only the master can.
public enum MasterPlace: Hashable, Sendable {
    /// This FE.
    case here
    /// Host and HTTP port.
    case at(NetworkAddress)
    /// Nobody leads now, as far as this FE knows, and why.
    case nowhere(reason: String)
}

/// A request that goes on to the master.
public struct ForwardedRequest: Sendable {
    public var method: String
    /// With the query.
    public var path: String
    public var contentType: String?
    /// Whom the FE that was asked found to be there: the master takes its word, and looks at the rights itself.
    public var user: String?
    public var body: [UInt8]
}

/// What the master answered.
public enum ForwardedAnswer: Sendable {
    case whole(status: Int, contentType: String?, logID: Int64?, body: [UInt8])
    /// A success whose body comes as it is read.
    case streamed(any BodyProducer)
}

/// This FE's line to the master's HTTP port. Blocking.
public protocol MasterLine: Sendable {
    /// - Parameter isMaster: asked now and then: once it is not the master any more nobody waits for its answer.
    func send(
        _ request: ForwardedRequest, to master: NetworkAddress, while isMaster: @escaping @Sendable () -> Bool
    ) throws -> ForwardedAnswer
}

/// What is asked of an FE that follows, the master answers; whoever changed something sees it here afterwards: the answer waits
/// until this FE has replayed the change. While nobody leads, or the master gives no answer, reads are answered from what was
/// replayed, and changes refused.
/// Uploads are sent on by the client (307): their bytes pass through no other FE.
public struct MasterForwarding: Sendable {
    let place: @Sendable () -> MasterPlace
    let line: any MasterLine
    let lastLogID: @Sendable () -> Int64
    /// Why this FE's own metadata are too old to be shown; nil: they are not.
    let staleness: @Sendable () -> String?
    let replayLimit: Duration
    let scheme: String

    /// - Parameters:
    ///   - scheme: by which a client reaches the master.
    ///   - replayLimit: how long an answer waits until this FE has replayed what was changed.
    public init(
        line: any MasterLine, scheme: String = "http", replayLimit: Duration = .seconds(5),
        place: @escaping @Sendable () -> MasterPlace,
        lastLogID: @escaping @Sendable () -> Int64, staleness: @escaping @Sendable () -> String?
    ) {
        self.line = line
        self.scheme = scheme
        self.replayLimit = replayLimit
        self.place = place
        self.lastLogID = lastLogID
        self.staleness = staleness
    }
}

/// Before the routes of a master.
struct ForwardingMiddleware: RouterMiddleware {
    /// Set on what was sent on once: it is not sent on again.
    static let mark = HTTPField.Name("X-Tabletd-Forwarded")!
    /// Log id of the last change that the master knows when it has answered.
    static let logID = HTTPField.Name("X-Tabletd-Log-Id")!
    private static let bodyLimit = 16 << 20
    /// What each FE answers for itself.
    private static let own: Set<String> = [
        "/api/health", "/api/bootstrap", "/api/show_meta_info", "/api/openapi.json",
    ]

    let forwarding: MasterForwarding
    let pool: BlockingPool

    func handle(
        _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard path.hasPrefix("/api/") else { return try await next(request, context) }
        let isRead = request.method == .get || request.method == .head
        let place = forwarding.place()
        if Self.own.contains(path) {
            if place != .here, let staleness = forwarding.staleness() { throw HTTPProblem.unavailable(staleness) }
            return try await next(request, context)
        }
        switch place {
        case .here:
            var response = try await next(request, context)
            if !isRead { response.headers[Self.logID] = String(forwarding.lastLogID()) }
            return response
        case .nowhere(let reason):
            guard isRead else { throw HTTPProblem.unavailable("the change was not made: \(reason)") }
            if let staleness = forwarding.staleness() { throw HTTPProblem.unavailable(staleness) }
            return try await next(request, context)
        case .at(let master):
            guard request.headers[Self.mark] == nil else {
                throw HTTPProblem.unavailable("this FE is not the master any more; try again in a moment")
            }
            if path.hasSuffix("/_stream_load") { return redirect(request, to: master) }
            if let answer = try await forward(request, context, to: master) { return answer }
            return try await next(request, context)
        }
    }

    private func redirect(_ request: Request, to master: NetworkAddress) -> Response {
        var headers = HTTPFields()
        headers[.location] = "\(forwarding.scheme)://\(master)\(request.uri)"
        headers[.contentLength] = "0"
        return Response(status: .temporaryRedirect, headers: headers)
    }

    /// nil: the master gives none, and this FE can read for it.
    private func forward(
        _ request: Request, _ context: ConnectionContext, to master: NetworkAddress
    ) async throws -> Response? {
        var body = try await request.body.collect(upTo: Self.bodyLimit)
        let forwarded = ForwardedRequest(
            method: request.method.rawValue, path: "\(request.uri)", contentType: request.headers[.contentType],
            user: context.caller?.name, body: body.readBytes(length: body.readableBytes) ?? [])
        let answer: ForwardedAnswer
        do {
            answer = try await pool.run { [forwarding] in
                try forwarding.line.send(forwarded, to: master) { forwarding.place() == .at(master) }
            }
        } catch let error as HTTPProblem {
            throw error
        } catch {
            let isRead = request.method == .get || request.method == .head
            if isRead, forwarding.staleness() == nil { return nil }
            throw HTTPProblem.unavailable(
                """
                the master at \(master) gave no answer: \(error); ask again, and look first whether a change was made
                """)
        }
        switch answer {
        case .streamed(let producer):
            return streamedResponse(
                producer, on: pool, contentType: "application/json", logger: context.logger)
        case .whole(let status, let contentType, let logID, let bytes):
            if let logID { try await awaitReplayed(logID) }
            var headers = HTTPFields()
            headers[.contentType] = contentType
            if let logID { headers[Self.logID] = String(logID) }
            return Response(
                status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }

    /// The change is durable already; who reads it here before it is replayed sees the state before.
    private func awaitReplayed(_ logID: Int64) async throws {
        let deadline = ContinuousClock.now + forwarding.replayLimit
        while forwarding.lastLogID() < logID, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
