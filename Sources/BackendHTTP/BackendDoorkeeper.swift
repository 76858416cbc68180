public import AccessControl
internal import HTTPAPI
public import Platform
public import StatusHTTP
internal import Synchronization
internal import TabletModel

/// A backend knows no users: it has its master look at whoever logs in, and remembers the answer for some seconds.
public final class BackendDoorkeeper: HTTPDoorkeeper {
    /// What the master says of somebody. Blocking. nil: nobody is known by it.
    public typealias Ask = @Sendable (_ user: String, _ password: String, _ host: String) throws -> Caller?

    private struct Known {
        var caller: Caller
        var until: MonotonicTime
    }

    private static let rememberedFor = Duration.seconds(10)
    private static let rememberedCallers = 256

    private let ask: Ask
    private let isCluster: @Sendable (String) -> Bool
    private let trustsLoopback: Bool
    private let pool: BlockingPool
    private let time: any TimeSource
    /// By what was shown, as a hash: no password is kept.
    private let known = Mutex<[PasswordHash: Known]>([:])

    /// - Parameters:
    ///   - trustsLoopback: whoever is on this machine, and no browser, needs no user.
    ///   - isCluster: whether a token is the cluster's, in constant time: a frontend that has it has looked who asks.
    ///   - pool: on which the master is asked.
    public init(
        trustsLoopback: Bool, pool: BlockingPool, time: any TimeSource,
        isCluster: @escaping @Sendable (String) -> Bool, ask: @escaping Ask
    ) {
        self.isCluster = isCluster
        self.ask = ask
        self.trustsLoopback = trustsLoopback
        self.pool = pool
        self.time = time
    }

    public func caller(_ shown: ShownIdentity) async throws -> Caller {
        if let token = shown.token, shown.speaksFor != nil {
            guard isCluster(token) else { throw HTTPProblem.unauthorized("the token is not this cluster's") }
            return Caller(name: "a frontend of the cluster", grants: [Grant(.admin)])
        }
        guard let user = shown.user else {
            if trustsLoopback, shown.isLoopback, !shown.isBrowser {
                return Caller(name: "whoever is on this machine", grants: [Grant(.admin)])
            }
            throw HTTPProblem.unauthorized("log in: this needs a user and a password (basic auth), as at the frontend")
        }
        let (password, host) = (shown.password ?? "", shown.host ?? "-")
        let key = PasswordHash(of: "\(user.utf8.count) \(user) \(password)")
        let now = time.monotonicNow
        if let found = known.withLock({ $0[key] }), now < found.until { return found.caller }
        guard let caller = try await pool.run({ [ask] in try ask(user, password, host) }) else {
            throw HTTPProblem.unauthorized("access denied for user '\(user.prefix(64))'")
        }
        known.withLock { known in
            if known.count >= Self.rememberedCallers { known = known.filter { now < $0.value.until } }
            if known.count < Self.rememberedCallers {
                known[key] = Known(caller: caller, until: now + Self.rememberedFor)
            }
        }
        return caller
    }
}
