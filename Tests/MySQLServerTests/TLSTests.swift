import AccessControl
import Foundation
import MySQLProtocol
import MySQLServer
import NIOSSL
import SQLSessions
import ServerFixtures
import Synchronization
import Testing

@Suite struct TLSTests {
    private typealias Bytes = MySQLClientBytes
    private let folder: TemporaryFolder
    private let authority: CertificateAuthority

    init() throws {
        folder = try TemporaryFolder()
        authority = try CertificateAuthority(in: folder)
    }

    private static func context(_ certificate: ServerCertificate) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }

    private func run(
        _ certificate: ServerCertificate, _ change: (inout MySQLConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        let context = try Self.context(certificate)
        try await TestServer.run(
            {
                $0.tls = { context }
                change(&$0)
            }, body)
    }

    private static func mariadb(_ server: TestServer, ca: String, _ arguments: [String] = [], input: String) throws
        -> ClientProgram.Result
    {
        try ClientTests.mariadb(server, ["--ssl-ca=\(ca)", "--ssl-verify-server-cert"] + arguments, input: input)
    }

    private static let connect = """
        import sys, ssl, socket, pymysql
        to = dict(host='127.0.0.1', port=int(sys.argv[1]), user='ann', password='sécret'.encode())
        trust = ssl.create_default_context(cafile=sys.argv[2])

        """

    @Test(arguments: ["mysql_native_password", "caching_sha2_password"])
    func clientsSpeakTLS(plugin: String) async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.plugin = .init(rawValue: plugin)! }) { server in
            let answer = try Self.mariadb(
                server, ca: ca, ["--quick", "--skip-column-names", "--default-auth=caching_sha2_password"],
                input: "ROWS 100000 100")
            #expect(answer.status == 0, "\(answer.error)")
            #expect(answer.output.utf8.count { $0 == UInt8(ascii: "\n") } == 100_000)
            let output = try ClientTests.python(
                server,
                Self.connect + """
                    db = pymysql.connect(ssl=trust, **to)
                    c = db.cursor()
                    c.execute('LENGTH ' + 'x' * 5000000)
                    print(c.fetchone()[0], db._sock.version())
                    """, [ca])
            #expect(output == "5000007 TLSv1.3\n")
            #expect(server.sessions.logins.map(\.isEncrypted) == [true, true])
            #expect(server.statistics.tlsFailures == 0)
            // Who doesn't ask for it goes without, where that may be.
            let plain = try ClientTests.mariadb(server, ["--skip-ssl"], input: "SELECT 1")
            #expect(plain.output == "1\n1\n")
        }
    }

    @Test func theJDBCDriverSpeaksTLS() async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.requiresTLS = true }) { server in
            try ClientTests.java(server, options: "useSsl=true&serverSslCert=\(ca)")
        }
    }

    @Test(arguments: ["True", "False"])
    func mysqlConnectorSpeaksTLS(isPure: String) async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.requiresTLS = true }) { server in
            let output = try ClientTests.python(
                server,
                """
                import sys, mysql.connector
                db = mysql.connector.connect(host='127.0.0.1', port=int(sys.argv[1]), user='ann', password='sécret',
                                             use_pure=\(isPure), ssl_ca=sys.argv[2], ssl_verify_cert=True)
                c = db.cursor()
                c.execute('LENGTH ' + 'x' * 3000000)
                print(c.fetchone()[0])
                """, [ca])
            #expect(output == "3000007\n" && server.sessions.logins.map(\.isEncrypted) == [true])
        }
    }

    @Test func theWholePasswordIsTakenUnderTLS() async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.plugin = .cachingSHA2 }) { server in
            let output = try ClientTests.python(
                server,
                Self.connect + """
                    import pymysql._auth
                    pymysql._auth.scramble_caching_sha2 = lambda password, nonce: b'no fast path'
                    pymysql.connect(ssl=trust, **to)
                    try:
                        pymysql.connect(ssl=trust, **{**to, 'password': b'no'})
                    except pymysql.MySQLError as error:
                        print(error.args[0])
                    try:
                        pymysql.connect(ssl_disabled=True, **to)
                    except pymysql.MySQLError as error:
                        print(error.args)
                    """, [ca])
            #expect(server.sessions.logins.first?.proof == .clear("sécret"))
            #expect(output.hasPrefix("1045\n(1251, 'caching_sha2_password without its fast path"))
        }
    }

    @Test(arguments: ["expired", "of another name", "of an unknown CA"])
    func clientsThatLookRefuseACertificateThatIs(wrong: String) async throws {
        let certificate =
            switch wrong {
            case "expired": try authority.issue("server", days: -1)
            case "of another name": try authority.issue("server", names: "DNS:elsewhere.test")
            default: try CertificateAuthority(in: folder, name: "stranger").issue("server")
            }
        let ca = authority.certificateFile
        try await run(certificate) { server in
            let answer = try Self.mariadb(server, ca: ca, input: "SELECT 1")
            #expect(answer.status == 1 && answer.error.contains("ERROR 2026 (HY000)"), "\(answer)")
            let output = try ClientTests.python(
                server,
                Self.connect + """
                    try:
                        pymysql.connect(ssl=trust, **to)
                    except pymysql.MySQLError as error:
                        print(error)
                    """, [ca])
            #expect(output.contains("CERTIFICATE_VERIFY_FAILED"))
            #expect(server.sessions.logins.isEmpty)
            try eventually("their ends") { server.statistics.connections == 0 }
        }
    }

    @Test(arguments: [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)])
    func weakVersionsAreRefused(version: String, isTaken: Bool) async throws {
        try await run(authority.issue("server")) { server in
            let result = try ClientProgram.run(
                ServerBinary.find("openssl", variable: "TABLETD_OPENSSL"),
                [
                    "s_client", "-starttls", "mysql", "-connect", "127.0.0.1:\(server.port)", version, "-cipher",
                    "ALL:@SECLEVEL=0",
                ])
            #expect(result.output.contains("Cipher is (NONE)") != isTaken, "\(result)")
            try eventually("its end") { server.statistics.connections == 0 }
            #expect(server.statistics.tlsFailures == (isTaken ? 0 : 1))
        }
    }

    @Test func withoutTLSNobodyLogsInWhereItIsNeeded() async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.requiresTLS = true }) { server in
            let plain = try ClientTests.mariadb(server, ["--skip-ssl"], input: "SELECT 1")
            #expect(plain.status == 1 && plain.error.contains("ERROR 3159 (HY000)"), "\(plain)")
            #expect(try Self.mariadb(server, ca: ca, input: "SELECT 1").output == "1\n1\n")
        }
        // Needed, and not there: it is not offered, and nobody comes in.
        try await TestServer.run({ $0.conversation.requiresTLS = true }) { server in
            let error = #expect(throws: FixtureError.self) { try server.client() }
            #expect("\(error!)".contains("insecure transport"))
        }
    }

    @Test func aNewCertificateIsUsedFromTheNextConnectionOn() async throws {
        let other = try CertificateAuthority(in: folder, name: "other")
        let contexts = [try Self.context(authority.issue("first")), try Self.context(other.issue("second"))]
        let isReloaded = Mutex(false)
        let script =
            Self.connect + """
                old = pymysql.connect(ssl=trust, **to)
                print('ready', flush=True)
                """
        let (first, second) = (authority.certificateFile, other.certificateFile)
        try await TestServer.run({ $0.tls = { contexts[isReloaded.withLock { $0 } ? 1 : 0] } }) { server in
            let before = try ClientTests.python(server, script, [first])
            isReloaded.withLock { $0 = true }
            let after = try ClientTests.python(server, script, [second])
            #expect(before == "ready\n" && after == "ready\n")
        }
    }

    /// What is sent in the clear behind the wish for TLS is no part of the conversation.
    @Test func nothingIsTakenFromBeforeTLS() async throws {
        try await run(authority.issue("server")) { server in
            let client = try MySQLRawClient(port: server.port)
            client.send(
                Bytes.message(Bytes.wishForTLS(), sequence: 1)
                    + Bytes.message(Bytes.hello(user: "nobody", answer: []), sequence: 2) + Bytes.query("INSERT"))
            while !client.receive().isEmpty {}
            #expect(client.connection.isClosedByPeer())
            #expect(server.sessions.logins.isEmpty && server.sessions.statements.isEmpty)
            #expect(server.statistics.tlsFailures == 1)
        }
    }

    @Test func aTLSHandshakeHasToEnd() async throws {
        try await run(authority.issue("server"), { $0.handshakeTimeout = .milliseconds(100) }) { server in
            let client = try MySQLRawClient(port: server.port)
            client.send(Bytes.message(Bytes.wishForTLS(), sequence: 1))
            try eventually("its end") { server.statistics.connections == 0 }
            #expect(server.statistics.timeouts == 1)
        }
    }

    @Test func errorsReachClientsOverTLS() async throws {
        let ca = authority.certificateFile
        try await run(authority.issue("server"), { $0.conversation.messageLimit = 1 << 20 }) { server in
            let output = try ClientTests.python(
                server,
                Self.connect + """
                    db = pymysql.connect(ssl=trust, **to)
                    try:
                        db.cursor().execute('LENGTH ' + 'x' * 3000000)
                    except pymysql.MySQLError as error:
                        print(error.args[0])
                    """, [ca])
            #expect(output == "1153\n")
            try eventually("its end") { server.statistics.connections == 0 }
        }
    }
}
