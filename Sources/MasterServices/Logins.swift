public import AccessControl
public import ClusterMetadata

/// Who may log in: looks at names, passwords and where somebody comes from. Any thread; never waits.
public final class Logins: Sendable {
    /// Why somebody may not. What it says is the same for an unknown user and a wrong password.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let users: @Sendable (String) -> User?
    private let throttle: LoginThrottle
    /// As long as a real one takes, for names that there are not.
    private let nobody = PasswordHash(of: "nobody has this")

    /// - Parameter users: as the metadata have them now.
    public init(users: @escaping @Sendable (String) -> User?, throttle: LoginThrottle) {
        self.users = users
        self.throttle = throttle
    }

    /// Asked before `check`: after failures the next try has to wait.
    public func admission(of name: String, from host: String) -> LoginAdmission {
        throttle.admit(user: name, address: host)
    }

    public func check(_ name: String, _ proof: PasswordProof, from host: String) throws(Refusal) -> User {
        let user = users(name)
        guard let password = user?.password else {
            _ = nobody.accepts(proof)
            guard let user, proof.isEmpty else { throw refuse(name, host, usingPassword: !proof.isEmpty) }
            guard isLoopback(host) else {
                throw Refusal(
                    description: """
                        user \(name) has no password, and logs in from the frontend's own machine alone; set one there first: \
                        SET PASSWORD FOR \(name) = PASSWORD('…')
                        """)
            }
            return user
        }
        guard password.accepts(proof), let user else { throw refuse(name, host, usingPassword: !proof.isEmpty) }
        throttle.succeeded(user: name, address: host)
        return user
    }

    /// While root has no password, whoever is on the frontend's own machine is root.
    public func owner(from host: String) -> User? {
        guard isLoopback(host), let root = users(User.root), root.password == nil else { return nil }
        return root
    }

    /// What a daemon of the cluster, which has looked already, says of somebody.
    public func known(_ name: String) -> User? { users(name) }

    public var counts: LoginThrottleCounts { throttle.counts }

    private func refuse(_ name: String, _ host: String, usingPassword: Bool) -> Refusal {
        throttle.failed(user: name, address: host)
        return Refusal(
            description:
                "access denied for user '\(name.prefix(64))'@'\(host)' (using password: \(usingPassword ? "YES" : "NO"))"
        )
    }
}

extension PasswordProof {
    fileprivate var isEmpty: Bool { self == .none || self == .clear("") }
}

private func isLoopback(_ host: String) -> Bool { IPAddress(host)?.isLoopback ?? false }
