internal import CurlHTTP
internal import NativeThreads
internal import Synchronization
internal import TabletModel

/// Carries calls to whichever member answers. A member that does not is left for the next one, by all calls alike; a call goes
/// on until its deadline. Any thread; blocking.
final class EtcdGateway: Sendable {
    let settings: EtcdSettings
    let http: HTTPClient
    /// Which member is asked: grows with every one that failed.
    private let turn = Atomic<Int>(0)
    /// Empty: etcd has no users. nil: not asked for yet, or refused since.
    let token = Mutex<String?>(nil)

    /// Of an answer: what a range of many keys may hold.
    private static let answerLimit = 16 << 20
    /// After all members failed at once.
    private static let pause = Duration.milliseconds(50)

    init(_ settings: EtcdSettings, http: HTTPClient) {
        self.settings = settings
        self.http = http
    }

    // MARK: Members

    /// The member whose turn it is.
    var member: (turn: Int, endpoint: String) {
        let turn = turn.load(ordering: .relaxed)
        return (turn, settings.endpoints[turn % settings.endpoints.count])
    }

    /// That member failed: the next one's turn, unless somebody was faster.
    func leave(_ turn: Int) { _ = self.turn.compareExchange(expected: turn, desired: turn + 1, ordering: .relaxed) }

    // MARK: Calls

    /// A call may be carried out more than once: whoever makes it sees to it that this is the same as once.
    func call(
        _ path: String, _ body: JSONBody, deadline: Duration? = nil
    ) throws(EtcdError) -> JSONNode {
        var attempts = CallAttempts(
            members: settings.endpoints.count, until: readMonotonicClock() + (deadline ?? settings.deadline))
        while true {
            let member = member
            let now = readMonotonicClock()
            let limit = attempts.limit(now: now, memberDeadline: settings.memberDeadline)
            let outcome: Attempt
            do {
                outcome = try attempt(path, body, at: member.endpoint, limit: limit)
            } catch {
                throw attempts.final(error)
            }
            switch outcome {
            case .answer(let node): return node
            case .refused(let error), .authenticationIsOff(let error): throw attempts.final(error)
            case .tokenRefused(let used, let error):
                forgetToken(used)
                if attempts.mayRenewToken() { continue }
                throw attempts.final(error)
            case .failed(let error):
                leave(member.turn)
                let roundEnds = attempts.failed(error)
                guard readMonotonicClock() < attempts.until else { throw attempts.final(error) }
                guard roundEnds else { continue }
                do {
                    try http.pause(Self.pause)
                } catch {
                    throw attempts.final(
                        EtcdError(.cancelled, call: path, message: "the client is shutting down"))
                }
            }
        }
    }

    enum Attempt {
        case answer(JSONNode)
        /// Nothing was done.
        case refused(EtcdError)
        case tokenRefused(used: String?, EtcdError)
        /// Nobody needs to prove anything.
        case authenticationIsOff(EtcdError)
        /// No answer that settles it.
        case failed(EtcdError)
    }

    private func attempt(
        _ path: String, _ body: JSONBody, at endpoint: String, limit: Duration
    ) throws(EtcdError) -> Attempt {
        do {
            let token = try currentToken(at: endpoint, limit: limit)
            return judge(try send(path, body, at: endpoint, token: token, total: limit), path, endpoint, token: token)
        } catch {
            switch error.code {
            case .tooLarge, .cancelled, .notAuthorized: throw error
            default: return .failed(error)
            }
        }
    }

    /// One exchange with a member. - Parameter total: of its time.
    func send(
        _ path: String, _ body: JSONBody, at endpoint: String, token: String?, total: Duration
    ) throws(EtcdError) -> HTTPResponse {
        do {
            return try http.execute(request(path, body, at: endpoint, token: token, total: total))
        } catch {
            throw EtcdError(error, call: path, endpoint: endpoint)
        }
    }

    /// - Parameter total: zero: none.
    func request(
        _ path: String, _ body: JSONBody, at endpoint: String, token: String?, total: Duration
    ) -> HTTPRequest {
        var headers = [HTTPHeader("Content-Type", "application/json")]
        if let token { headers.append(HTTPHeader("Authorization", token)) }
        return HTTPRequest(
            .post, endpoint + path, headers: headers, body: .bytes(body.bytes),
            timeouts: HTTPTimeouts(connect: settings.memberDeadline, stall: .zero, answer: .zero, total: total),
            // A refusal of the second sending would hide that the first was carried out.
            mayBeSentAgain: false, responseLimitBytes: Self.answerLimit)
    }

    func judge(_ response: HTTPResponse, _ path: String, _ endpoint: String, token: String?) -> Attempt {
        func error(_ code: EtcdError.Code, _ message: String, isOutcomeUnknown: Bool = false) -> EtcdError {
            EtcdError(code, call: path, endpoint: endpoint, message: message, isOutcomeUnknown: isOutcomeUnknown)
        }
        guard let node = try? JSONNode(parsing: response.body) else {
            return .failed(
                error(
                    .badAnswer, "HTTP \(response.status) and no JSON of etcd's gateway: \(response.beginning)",
                    isOutcomeUnknown: response.isSuccess || response.status >= 500))
        }
        if response.isSuccess { return .answer(node) }
        let message = node["error"]?.string ?? response.beginning
        switch EtcdAnswerCode.verdict(grpc: node["code"]?.int64 ?? 0, message: message) {
        case .refused(let code): return .refused(error(code, message))
        case .unsettled: return .failed(error(.unavailable, message, isOutcomeUnknown: true))
        case .tokenRefused: return .tokenRefused(used: token, error(.notAuthorized, message))
        case .authenticationIsOff: return .authenticationIsOff(error(.refused, message))
        }
    }
}

extension EtcdError {
    /// A transfer that brought no complete answer.
    init(_ error: HTTPTransferError, call: String, endpoint: String) {
        let code: Code =
            switch error.code {
            case .tooLarge: .tooLarge
            case .cancelled: .cancelled
            default: .unavailable
            }
        self.init(
            code, call: call, endpoint: endpoint, message: error.message, isOutcomeUnknown: !error.isUnsent)
    }
}

extension HTTPResponse {
    /// For an error.
    fileprivate var beginning: String {
        String(decoding: body.prefix(200).filter { $0 >= 32 && $0 < 127 }, as: UTF8.self)
    }
}
