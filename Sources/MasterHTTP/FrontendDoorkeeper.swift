public import AccessControl
internal import ClusterMetadata
public import MasterServices
public import StatusHTTP

/// Looks in the FE's own metadata who is there.
public struct FrontendDoorkeeper: HTTPDoorkeeper {
    private let logins: Logins
    private let isCluster: @Sendable (String) -> Bool

    /// - Parameter isCluster: whether a token is the cluster's, in constant time.
    public init(logins: Logins, isCluster: @escaping @Sendable (String) -> Bool) {
        self.logins = logins
        self.isCluster = isCluster
    }

    public func caller(_ shown: ShownIdentity) async throws -> Caller {
        var host = shown.host ?? "an unknown address"
        // Loopback of another machine is not this one's.
        if let client = shown.client, !ShownIdentity(host: client).isLoopback, let token = shown.token, isCluster(token)
        {
            host = client
        }
        if let token = shown.token, let name = shown.speaksFor {
            guard isCluster(token) else { throw HTTPProblem.unauthorized("the token is not this cluster's") }
            guard let user = logins.known(name) else {
                throw HTTPProblem.unauthorized("there is no user \(name) here (yet)")
            }
            return Caller(user)
        }
        guard let name = shown.user else {
            // A browser's requests may be another site's; so they show a user or are refused.
            if !shown.isBrowser, let owner = logins.owner(from: host) { return Caller(owner) }
            throw HTTPProblem.unauthorized("log in: this needs a user and a password (basic auth)")
        }
        switch logins.admission(of: name, from: host) {
        case .now: break
        case .after(let delay): try await Task.sleep(for: delay)
        case .refused(let delay):
            throw HTTPProblem.tooManyFailures(
                "too many logins failed; try again in \(max(1, delay.components.seconds)) s")
        }
        do {
            return Caller(try logins.check(name, .clear(shown.password ?? ""), from: host))
        } catch {
            throw HTTPProblem.unauthorized("\(error)")
        }
    }
}

extension Caller {
    fileprivate init(_ user: User) { self.init(name: user.name, grants: user.grants) }
}
