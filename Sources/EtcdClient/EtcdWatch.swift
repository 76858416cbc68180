internal import ByteText
internal import CurlHTTP
internal import NativeThreads
internal import TabletModel

/// A change of a key.
public enum EtcdEvent: Hashable, Sendable {
    case put(EtcdKeyValue)
    case delete(key: String, revision: Int64)
}

/// Changes in the order they were made, as one member tells them. Made by `EtcdClient.watch`. One thread reads.
///
/// It ends with its connection: whoever reads begins anew behind the last revision he heard of. A member that is cut off from
/// the others, or stopped, says nothing: silence is no proof that nothing was changed.
public final class EtcdWatch {
    private let gateway: EtcdGateway
    private let turn: Int
    private let endpoint: String
    private let token: String?
    private let answer: StreamedAnswer
    private var splitter = LineSplitter()
    /// Not looked at yet.
    private var lines: ArraySlice<[UInt8]> = []
    private static let path = "/v3/watch"
    /// etcd splits what is longer than a request may be.
    private static let lineLimit = 16 << 20

    /// What is told at once: some changes of a revision or of several, or, without any, how far the member is.
    public struct Tidings: Hashable, Sendable {
        public var revision: Int64
        public var events: [EtcdEvent]
    }

    init(
        _ gateway: EtcdGateway, _ keys: EtcdKeyRange, from revision: Int64, ignoringDeletes: Bool
    ) throws(EtcdError) {
        self.gateway = gateway
        let member = gateway.member
        (turn, endpoint) = member
        do {
            token = try gateway.currentToken(at: endpoint, limit: gateway.settings.memberDeadline)
            let body = JSONBody {
                $0.object("create_request") {
                    $0.keys(keys)
                    $0.member("start_revision", revision)
                    $0.member("progress_notify", true)
                    $0.member("fragment", true)
                    if ignoringDeletes { $0.texts("filters", ["NODELETE"]) }
                }
            }
            answer = try gateway.http.open(gateway.request(Self.path, body, at: endpoint, token: token, total: .zero))
        } catch let error as EtcdError {
            if error.code == .unavailable { gateway.leave(turn) }
            throw error
        } catch let error as HTTPTransferError {
            throw EtcdError(error, call: Self.path, endpoint: endpoint)
        } catch {
            preconditionFailure("no other error")
        }
    }

    deinit { answer.end() }

    /// The next tidings; nil: none within the limit. Blocking.
    /// - Throws: `compacted` when what comes next is compacted away; anything else ends the watch, too.
    public func next(upTo limit: Duration) throws(EtcdError) -> Tidings? {
        let until = readMonotonicClock() + limit
        while true {
            while let line = lines.popFirst() {
                if let tidings = try read(line) { return tidings }
            }
            guard splitter.unfinishedBytes <= Self.lineLimit else {
                throw failed(.tooLarge, "more than \(Self.lineLimit) bytes were told at once")
            }
            let left = until - readMonotonicClock()
            guard left > .zero else { return nil }
            let step: StreamedAnswer.Step
            do {
                step = try answer.next(upTo: left) { piece in splitter.add(piece) { lines.append(Array($0)) } }
            } catch {
                gateway.leave(turn)
                throw EtcdError(error, call: Self.path, endpoint: endpoint)
            }
            if case .end(let response) = step { throw ended(response) }
        }
    }

    /// The member is not believed any more: the next watch, and other calls, go to another one.
    public func leaveMember() { gateway.leave(turn) }

    private func read(_ line: [UInt8]) throws(EtcdError) -> Tidings? {
        guard let node = try? JSONNode(parsing: line) else {
            throw failed(.badAnswer, "a line of the watch is no JSON")
        }
        if let error = node["error"] {
            let message = error["message"]?.string ?? error.string ?? "no reason"
            switch EtcdAnswerCode.verdict(grpc: error["grpc_code"]?.int64 ?? 0, message: message) {
            case .refused(let code): throw failed(code, message)
            default: throw failed(.unavailable, message)
            }
        }
        guard let result = node["result"] else { throw failed(.badAnswer, "a line of the watch has no result") }
        if result["canceled"]?.bool == true {
            if let oldest = result["compact_revision"]?.int64, oldest > 0 {
                throw EtcdError(
                    .compacted, call: Self.path, endpoint: endpoint,
                    message: "changes before revision \(oldest) are compacted away")
            }
            let reason = result["cancel_reason"]?.string ?? "etcd gave no reason"
            throw failed(reason.contains("permission denied") ? .notAuthorized : .refused, reason)
        }
        if result["created"]?.bool == true { return nil }
        var events: [EtcdEvent] = []
        for event in result["events"]?.elements ?? [] {
            guard let pair = event["kv"]?.keyValue else { throw failed(.badAnswer, "a change can't be read") }
            let isDelete = event["type"]?.string == "DELETE"
            events.append(isDelete ? .delete(key: pair.key, revision: pair.modifyRevision) : .put(pair))
        }
        return Tidings(revision: result.revision, events: events)
    }

    /// An answer that is complete: the member gave up.
    private func ended(_ response: HTTPResponse) -> EtcdError {
        if response.isSuccess { return failed(.unavailable, "the member ended the watch") }
        switch gateway.judge(response, Self.path, endpoint, token: token) {
        case .refused(let error), .authenticationIsOff(let error): return error
        case .tokenRefused(let used, let error):
            gateway.forgetToken(used)
            return error
        case .failed(let error):
            gateway.leave(turn)
            return error
        case .answer: return failed(.badAnswer, "HTTP \(response.status)")
        }
    }

    private func failed(_ code: EtcdError.Code, _ message: String) -> EtcdError {
        if code == .unavailable || code == .badAnswer { gateway.leave(turn) }
        return EtcdError(code, call: Self.path, endpoint: endpoint, message: message)
    }
}

extension EtcdClient {
    /// Changes of the keys from the revision on, that included. Returns before the member has answered.
    public func watch(
        _ keys: EtcdKeyRange, from revision: Int64, ignoringDeletes: Bool = false
    ) throws(EtcdError) -> EtcdWatch {
        try EtcdWatch(gateway, keys, from: revision, ignoringDeletes: ignoringDeletes)
    }
}
