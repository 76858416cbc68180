/// How an etcd cluster is reached.
public struct EtcdSettings: Hashable, Sendable, CustomStringConvertible {
    /// `http://host:port` or `https://host:port`, a member each.
    public var endpoints: [String]
    /// Certificates to trust, a PEM file; nil means the system's.
    public var caFile: String?
    /// What we prove ourselves with, PEM files; nil: nothing.
    public var certificateFile: String?
    public var keyFile: String?
    /// nil: etcd asks for none.
    public var user: String?
    /// A secret: it stands in no description.
    public var password: String?
    /// A call that has no answer by then fails.
    public var deadline: Duration
    /// What one member may take of it while there are others to ask.
    public var memberDeadline: Duration

    public init(
        endpoints: [String], caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
        user: String? = nil, password: String? = nil, deadline: Duration = .seconds(2),
        memberDeadline: Duration = .seconds(1)
    ) {
        self.endpoints = endpoints
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.user = user
        self.password = password
        self.deadline = deadline
        self.memberDeadline = memberDeadline
    }

    public var description: String { "etcd at " + endpoints.joined(separator: ", ") }
}
