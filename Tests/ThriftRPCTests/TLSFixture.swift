import ClusterTestKit
import Logging
import Platform
import ServerFixtures
import TabletModel
import ThriftRPC

/// Authorities, certificates, and what a server and a client make of them.
struct TLSFixture {
    let folder: TemporaryFolder
    let authority: CertificateAuthority
    /// For 127.0.0.1.
    let server: ServerCertificate
    let log = EventLog()

    init() throws {
        folder = try TemporaryFolder()
        authority = try CertificateAuthority(in: folder)
        server = try authority.issue("server")
    }

    /// The keys of one that has this certificate and trusts the authority, or another one.
    func keys(_ certificate: ServerCertificate?, trusting other: CertificateAuthority? = nil) throws -> ThriftTLS {
        try ThriftTLS(
            TLSFiles(
                certificate: certificate?.certificateFile, key: certificate?.keyFile,
                authorities: (other ?? authority).certificateFile))
    }

    /// A client's connector without a certificate.
    func connector(callTimeout: Duration = .seconds(20)) throws -> ThriftBackendConnector {
        ThriftBackendConnector(heartbeat: ClientSettings(callTimeout: callTimeout), tls: try keys(nil))
    }

    func withServer(
        _ certificate: ServerCertificate? = nil, mode: ServerTLS.Mode = .on, requiresClientCertificate: Bool = false,
        handler: HeartbeatRecorder = HeartbeatRecorder(), limits: ServerLimits = .small(),
        _ body: (ThriftServer) throws -> Void
    ) throws {
        let tls = ServerTLS(
            try keys(certificate ?? server), mode: mode, requiresClientCertificate: requiresClientCertificate)
        try serve(tls, handler, limits, body)
    }

    func serve(
        _ tls: ServerTLS?, _ handler: HeartbeatRecorder = HeartbeatRecorder(), _ limits: ServerLimits = .small(),
        _ body: (ThriftServer) throws -> Void
    ) throws {
        let server = ThriftServer(
            .heartbeat(handler), address: "127.0.0.1", port: 0, limits: limits, tls: tls,
            logger: log.logger("server"))
        try server.start()
        defer { server.stop() }
        try body(server)
    }

    /// What a client says when it makes its connections to this server and is refused.
    func failure(_ port: Int32, _ connector: ThriftBackendConnector, host: String = "127.0.0.1") throws -> RPCError {
        let connection = connector.connection(heartbeat: NetworkAddress(host: host, port: port), agent: nil)
        do {
            _ = try connection.heartbeat(someMaster)
        } catch let error as RPCError {
            return error
        }
        throw FixtureError("the call succeeded")
    }
}
