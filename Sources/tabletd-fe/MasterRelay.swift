import CurlHTTP
import Dispatch
import MasterHTTP
import StatusHTTP
import TabletModel

/// Sends requests on to the master's HTTP port.
struct MasterRelay: MasterLine {
    /// What a change is answered with is small.
    private static let answerLimit = 16 << 20

    let http: HTTPClient
    /// The cluster's.
    let token: @Sendable () -> String

    func send(
        _ request: ForwardedRequest, to master: NetworkAddress, while isMaster: @escaping @Sendable () -> Bool
    ) throws -> ForwardedAnswer {
        var headers = [HTTPHeader("X-Tabletd-Forwarded", "1")]
        if let user = request.user {
            headers += [HTTPHeader("token", token()), HTTPHeader(AccessMiddleware.speaksFor, user)]
        }
        if let type = request.contentType { headers.append(HTTPHeader("Content-Type", type)) }
        let method = HTTPMethod(rawValue: request.method) ?? .get
        var forwarded = HTTPRequest(
            method, "cluster://\(master)\(request.path)", headers: headers,
            body: method == .get || method == .head ? nil : .bytes(request.body),
            responseLimitBytes: Self.answerLimit)
        // A change may have been made by the first one, and the second one's refusal would hide it.
        forwarded.mayBeSentAgain = method == .get
        forwarded.timeouts.connect = .seconds(2)
        forwarded.timeouts.answer = .seconds(120)
        guard method == .get else { return whole(try execute(forwarded, while: isMaster)) }
        let answer = RelayedBody(try http.open(forwarded), while: isMaster)
        if let ended = try answer.begin() { return whole(ended) }
        return .streamed(answer)
    }

    /// One that was master and is stopped would keep its callers waiting.
    private func execute(_ request: HTTPRequest, while isMaster: () -> Bool) throws -> HTTPResponse {
        let ended = DispatchSemaphore(value: 0)
        let transfer = try http.start(request) { ended.signal() }
        while ended.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
            guard isMaster() else {
                http.cancel(transfer)
                throw RelayError(description: "it is not the master any more")
            }
        }
        return try transfer.wait()
    }

    private func whole(_ response: HTTPResponse) -> ForwardedAnswer {
        .whole(
            status: response.status, contentType: response.header("Content-Type"),
            logID: response.header("X-Tabletd-Log-Id").flatMap { Int64($0) }, body: response.body)
    }
}

/// The body of the master's answer, in pieces as they come. `BodyProducer`'s callers use it one at a time.
private final class RelayedBody: BodyProducer {
    private let answer: StreamedAnswer
    private let isMaster: @Sendable () -> Bool
    nonisolated(unsafe) private var first: [UInt8]?

    init(_ answer: StreamedAnswer, while isMaster: @escaping @Sendable () -> Bool) {
        self.answer = answer
        self.isMaster = isMaster
    }

    /// Waits for the first bytes. - Returns: the answer, if it has ended without any.
    func begin() throws -> HTTPResponse? {
        var piece: [UInt8] = []
        switch try step(&piece) {
        case .end(let response)?: return response
        case .bytes?, .silence?, nil:
            first = piece
            return nil
        }
    }

    func next() throws -> [UInt8]? {
        if let first {
            self.first = nil
            return first
        }
        var piece: [UInt8] = []
        if case .end? = try step(&piece) { return nil }
        return piece
    }

    /// nil: bytes came.
    private func step(_ piece: inout [UInt8]) throws -> StreamedAnswer.Step? {
        while true {
            let step = try answer.next(upTo: .milliseconds(200)) { piece.append(contentsOf: $0) }
            switch step {
            case .bytes: return nil
            case .end: return step
            case .silence:
                guard isMaster() else { throw RelayError(description: "it is not the master any more") }
            }
        }
    }
}

private struct RelayError: Error, CustomStringConvertible {
    let description: String
}
