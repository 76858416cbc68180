import ClusterTestKit
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Who speaks with whom, and what is said to whom it is refused.
@Suite struct TLSTests {
    @Test func aConnectionIsKeptForManyCalls() throws {
        let fixture = try TLSFixture()
        let handler = HeartbeatRecorder()
        try fixture.withServer(handler: handler) { server throws in
            let connector = try fixture.connector()
            for _ in 0..<20 { #expect(try heartbeat(server.boundPort, connector).status == .ok) }
            #expect(server.statistics.accepted == 1)
            try wait(for: "handshakes to be counted") { server.statistics.handshakes == 1 }
            #expect(server.statistics.refusedPlain == 0 && server.statistics.failedHandshakes == 0)
        }
        #expect(handler.callers.withLock { $0 } == Array(repeating: CallerHost("127.0.0.1"), count: 20))
    }

    @Test func aNameIsLookedForAmongTheNames() throws {
        let fixture = try TLSFixture()
        try fixture.withServer(try fixture.authority.issue("named", names: "DNS:localhost")) { server throws in
            let address = NetworkAddress(host: "localhost", port: server.boundPort)
            let reply = try fixture.connector().connection(heartbeat: address, agent: nil).heartbeat(someMaster)
            #expect(reply.status == .ok)
        }
    }

    @Test func aServerThatIsNotWhoItShouldBeIsCalledByNobody() throws {
        let fixture = try TLSFixture()
        let foreign = try CertificateAuthority(in: fixture.folder, name: "foreign")
        let cases: [(certificate: ServerCertificate, said: String)] = [
            (try fixture.authority.issue("expired", days: -1), "has expired"),
            (
                try fixture.authority.issue("other", names: "DNS:be7,IP:10.1.2.3"),
                "not for 127.0.0.1 but for be7, 10.1.2.3"
            ),
            (try fixture.authority.issue("name", names: "DNS:127.0.0.1"), "not for 127.0.0.1"),
            (try foreign.issue("stranger"), "no authority that is known here"),
            (try .make(in: fixture.folder), "no authority that is known here"),
            (try fixture.authority.issue("caller", usage: "clientAuth"), "extendedKeyUsage"),
        ]
        for (certificate, said) in cases {
            let handler = HeartbeatRecorder()
            try fixture.withServer(certificate, handler: handler) { server throws in
                let error = try fixture.failure(server.boundPort, fixture.connector())
                #expect(error.code == .connect && !error.mayHaveRun)
                #expect(error.message.contains(said), "\(error.message)")
                try wait(for: "the server to hear of it") { server.statistics.failedHandshakes == 1 }
            }
            #expect(handler.seen.withLock { $0.isEmpty })
        }
    }

    @Test func aPlainClientOfAPortForTLSHearsWhy() throws {
        let fixture = try TLSFixture()
        let handler = HeartbeatRecorder()
        try fixture.withServer(handler: handler) { server throws in
            for _ in 0..<3 {
                let error = try fixture.failure(server.boundPort, ThriftBackendConnector())
                #expect(error.code == .connect && !error.mayHaveRun)
                #expect(error.message.contains("TLS alone"), "\(error.message)")
            }
            #expect(server.statistics.refusedPlain == 3)
        }
        #expect(handler.seen.withLock { $0.isEmpty })
        #expect(fixture.log.lines(containing: "refused 127.0.0.1: it speaks without TLS").count == 1)
    }

    @Test func aClientWithTLSOfAPlainPortHearsWhy() throws {
        let fixture = try TLSFixture()
        try fixture.serve(nil) { server throws in
            let error = try fixture.failure(server.boundPort, fixture.connector())
            #expect(error.code == .connect && !error.mayHaveRun)
            #expect(error.message.contains("does it speak TLS on this port?"), "\(error.message)")
            #expect(server.statistics.refusedMessages == 1)
        }
        #expect(fixture.log.lines(containing: "it speaks TLS, which is off on this port").count == 1)
    }

    @Test func whileAClusterChangesOverAPortTakesBoth() throws {
        let fixture = try TLSFixture()
        try fixture.withServer(mode: .both) { server throws in
            #expect(try heartbeat(server.boundPort).status == .ok)
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
            #expect(server.statistics.handshakes == 1 && server.statistics.refusedPlain == 0)
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"]) func olderVersionsAreNotSpoken(version: String) throws {
        let fixture = try TLSFixture()
        try fixture.withServer { server throws in
            #expect(try !OpenSSLPeer.connects(port: server.boundPort, version))
            try wait(for: "the server to hear of it") { server.statistics.failedHandshakes == 1 }
            #expect(try OpenSSLPeer.connects(port: server.boundPort, "-tls1_2"))
            #expect(try OpenSSLPeer.connects(port: server.boundPort, "-tls1_3"))
        }
        let old = try OpenSSLPeer.serve(fixture.server, version, in: fixture.folder)
        defer { old.stop() }
        let error = try fixture.failure(Int32(old.port), fixture.connector())
        #expect(error.code == .connect && error.message.contains("version"), "\(error.message)")
    }

    // MARK: Client certificates

    @Test func aCallerShowsACertificateOfTheAuthority() throws {
        let fixture = try TLSFixture()
        let own = try fixture.authority.issue("client", names: "DNS:fe1")
        try fixture.withServer(requiresClientCertificate: true) { server throws in
            let connector = ThriftBackendConnector(tls: try fixture.keys(own))
            for _ in 0..<3 { #expect(try heartbeat(server.boundPort, connector).status == .ok) }
            try wait(for: "handshakes to be counted") { server.statistics.handshakes == 1 }
        }
    }

    @Test func aCallerWithoutAGoodCertificateIsRefusedAndHearsWhy() throws {
        let fixture = try TLSFixture()
        let foreign = try CertificateAuthority(in: fixture.folder, name: "foreign")
        let cases: [(certificate: ServerCertificate?, said: String, logged: String)] = [
            (nil, "wants a certificate of this side", "has no certificate"),
            (try foreign.issue("stranger"), "knows no authority that signed it", "signed by no authority"),
            (try fixture.authority.issue("late", days: -1), "it has expired", "has expired"),
            (try fixture.authority.issue("server-only", usage: "serverAuth"), "certificate", "extendedKeyUsage"),
        ]
        for (certificate, said, logged) in cases {
            let handler = HeartbeatRecorder()
            try fixture.withServer(requiresClientCertificate: true, handler: handler) { server throws in
                let connector = ThriftBackendConnector(tls: try fixture.keys(certificate))
                let error = try fixture.failure(server.boundPort, connector)
                #expect(error.code == .connect && !error.mayHaveRun, "\(error)")
                #expect(error.message.contains(said), "\(error.message)")
                try wait(for: "failedHandshakes to be counted") { server.statistics.failedHandshakes == 1 }
            }
            #expect(handler.seen.withLock { $0.isEmpty })
            #expect(fixture.log.lines(containing: logged).count == 1, "\(fixture.log.lines)")
        }
    }
}
