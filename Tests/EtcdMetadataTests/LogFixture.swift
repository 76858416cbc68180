import ClusterMetadata
import CurlHTTP
import EtcdClient
import FrontendElection
import NativeThreads
import Platform
import ServerFixtures
import Synchronization
import TabletModel

@testable import EtcdMetadata

struct RealTime: TimeSource {
    var monotonicNow: MonotonicTime { readMonotonicClock() }
    var wallNow: UnixTime { readWallClock() }
}

/// An etcd of a test's own, and frontends that use it.
struct LogFixture {
    static let prefix = "/tabletd/test"
    let etcd: EtcdServers

    init(members: Int = 1, quotaBytes: Int? = nil) throws {
        etcd = try EtcdServers(count: members, quotaBytes: quotaBytes)
        // Until it has a leader.
        _ = try client().range(EtcdRangeQuery(.key("x")), deadline: .seconds(20))
    }

    func client(_ endpoints: [String]? = nil, deadline: Duration = .seconds(2)) throws -> EtcdClient {
        try EtcdClient(EtcdSettings(endpoints: endpoints ?? etcd.endpoints, deadline: deadline))
    }

    /// Makes a frontend master whatever others think.
    func elect(_ name: String = "fe1") throws -> Fence {
        let client = try client()
        try client.delete(.key(Self.prefix + "/leader"))
        return try campaign(client, prefix: Self.prefix, name)
    }

    /// Of a prefix where nobody leads.
    func campaign(_ client: EtcdClient, prefix: String, _ name: String = "fe1") throws -> Fence {
        let election = EtcdElection(client, prefix: prefix)
        let lease = try election.grant(ttl: .seconds(60), within: .seconds(5)).lease
        let holder = try election.campaign(lease, as: .named(name), within: .seconds(5)).holder
        guard let holder, holder.lease == lease else { throw FixtureError("somebody else was elected") }
        return holder.fence
    }

    /// A journal in a term of its own.
    func master(
        _ client: EtcdClient? = nil, limits: AppendPlan.Limits = AppendPlan.Limits()
    ) throws -> EtcdJournal {
        let journal = EtcdJournal(try client ?? self.client(), prefix: Self.prefix, limits: limits)
        _ = try journal.begin(try elect())
        return journal
    }

    func follower(from next: Int64 = 1, doubtAfter: Duration = .seconds(2)) throws -> EtcdLogFollower {
        EtcdLogFollower(
            try client(), prefix: Self.prefix, from: next, time: RealTime(), doubtAfter: doubtAfter)
    }

    /// All entries, as somebody who is not master reads them.
    func entries(from start: Int64 = 1) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try EtcdJournal(try client(), prefix: Self.prefix).read(from: start) { entries.append($1) }
        return entries
    }

    /// Disarms NOSPACE after compacting and defragmenting all.
    func makeRoom() throws {
        let client = try client()
        let revision = try client.range(EtcdRangeQuery(.key("x"))).revision
        try client.compact(upTo: revision)
        for endpoint in etcd.endpoints {
            _ = try post(endpoint, "/v3/maintenance/defragment", "{}")
        }
        let member = try client.status().memberID
        _ = try post(
            etcd.endpoints[0], "/v3/maintenance/alarm",
            #"{"action":"DEACTIVATE","memberID":"\#(member)","alarm":"NOSPACE"}"#)
    }

    private func post(_ endpoint: String, _ path: String, _ body: String) throws -> HTTPResponse {
        try HTTPClient().execute(HTTPRequest(.post, endpoint + path, body: .bytes(Array(body.utf8))))
    }
}

/// Stands between a client and etcd, and loses what it is told to. It can't carry watches.
final class EtcdProxy: Sendable {
    enum Fate: Sendable {
        case pass
        /// etcd carries it out, and nobody hears of it.
        case loseAnswer
        case loseRequest
        case answer(Int, String)
    }

    private let server: FaultyHTTPServer
    private let decision: Decision
    /// Requests that etcd has answered.
    var answered: Int { decision.answered.load(ordering: .relaxed) }
    var endpoint: String { server.endpoint }
    /// Transactions that came so far.
    var transactions: Int { server.requests.count { $0.path == "/v3/kv/txn" } }

    private final class Decision: Sendable {
        let fate = Mutex<@Sendable (ReceivedRequest) -> Fate>({ _ in .pass })
        let answered = Atomic(0)
    }

    init(_ target: String) throws {
        let http = try HTTPClient()
        let decision = Decision()
        self.decision = decision
        server = try FaultyHTTPServer { request in
            let decided = decision.fate.withLock { $0 }(request)
            switch decided {
            case .loseRequest: return .reset
            case .answer(let status, let body): return .respond(status: status, body: Array(body.utf8))
            case .pass, .loseAnswer: break
            }
            guard
                let response = try? http.execute(
                    HTTPRequest(
                        .post, target + request.target, body: .bytes(request.body), responseLimitBytes: 32 << 20))
            else { return .reset }
            decision.answered.add(1, ordering: .relaxed)
            if case .loseAnswer = decided { return .reset }
            return .respond(status: response.status, body: response.body)
        }
    }

    func decide(_ fate: @escaping @Sendable (ReceivedRequest) -> Fate) { decision.fate.withLock { $0 = fate } }
}

extension ReceivedRequest {
    /// A transaction that puts something.
    var isWrite: Bool {
        path == "/v3/kv/txn" && String(decoding: body, as: UTF8.self).contains("request_put")
    }
}

extension LeaderRecord {
    static func named(_ name: String) -> LeaderRecord {
        LeaderRecord(
            nodeName: name, host: name + ".example", editLogPort: 9010, httpPort: 8030, rpcPort: 9020, epoch: 3)
    }
}
