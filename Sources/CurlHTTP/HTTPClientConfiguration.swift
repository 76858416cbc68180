/// Settings of an `HTTPClient`. They hold for its life.
public struct HTTPClientConfiguration: Hashable, Sendable {
    /// Name of the engine's thread (15 bytes are shown by the system).
    public var name: String
    /// Transfers running at once, over all hosts; later ones wait in the queue.
    public var maximumTransfers: Int
    /// Requests waiting for a slot; one more is a `queueFull` error.
    public var queueLimit: Int
    /// Idle connections kept open for reuse, over all hosts.
    public var idleConnections: Int
    /// An idle connection older than this is not reused.
    public var idleConnectionLife: Duration
    /// Checks the server's certificate and name. Only tests and closed networks turn it off.
    public var verifiesTLS: Bool
    /// Certificates to trust, a PEM file; nil means the system's.
    public var caFile: String?
    /// What the client proves itself with to a server that asks; nil: with nothing.
    public var certificate: HTTPClientCertificate?
    /// How daemons of the cluster are reached.
    public var peers = HTTPPeerSettings()
    /// `http://host:port` of a proxy; nil goes direct, whatever the environment says.
    public var proxy: String?
    /// What a streamed answer may hold in memory while its consumer is busy; the transfer pauses beyond it.
    public var streamBufferBytes: Int
    public var userAgent: String

    public init(
        name: String = "http", maximumTransfers: Int = 64, queueLimit: Int = 4096, idleConnections: Int = 64,
        idleConnectionLife: Duration = .seconds(55), verifiesTLS: Bool = true, caFile: String? = nil,
        certificate: HTTPClientCertificate? = nil, proxy: String? = nil, streamBufferBytes: Int = 1 << 20,
        userAgent: String = "tabletd"
    ) {
        self.name = name
        self.maximumTransfers = maximumTransfers
        self.queueLimit = queueLimit
        self.idleConnections = idleConnections
        self.idleConnectionLife = idleConnectionLife
        self.verifiesTLS = verifiesTLS
        self.caFile = caFile
        self.certificate = certificate
        self.proxy = proxy
        self.streamBufferBytes = streamBufferBytes
        self.userAgent = userAgent
    }
}

/// How a URL that begins with `cluster://` is asked, and whom a request to a daemon of the cluster trusts.
public struct HTTPPeerSettings: Hashable, Sendable {
    public var usesTLS: Bool
    /// The cluster's CA, a PEM file; nil means the system's.
    public var caFile: String?

    public init(usesTLS: Bool = false, caFile: String? = nil) {
        self.usesTLS = usesTLS
        self.caFile = caFile
    }
}

/// A certificate and its private key: PEM files.
public struct HTTPClientCertificate: Hashable, Sendable {
    public var certificateFile: String
    public var keyFile: String
    public init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
