import Dispatch
import Foundation
import Platform
import ServerFixtures
import Synchronization
import TabletModel
import Testing

@testable import ThriftRPC

/// Keys that can't be used, and keys that change while connections are open.
@Suite struct TLSKeysTests {
    @Test func whatCanNotBeUsedSaysWhyAndShowsNothingOfAKey() throws {
        let fixture = try TLSFixture()
        let (good, other) = (fixture.server, try fixture.authority.issue("other"))
        let locked = fixture.folder.path + "/locked.key"
        let locking = ["ec", "-aes256", "-passout", "pass:x", "-in", good.keyFile, "-out", locked]
        #expect(try ClientProgram.run(ServerBinary.find("openssl", variable: "TABLETD_OPENSSL"), locking).status == 0)
        let cases: [(TLSFiles, said: String)] = [
            (TLSFiles(certificate: good.certificateFile), "no key"),
            (TLSFiles(key: good.keyFile), "no certificate"),
            (TLSFiles(certificate: "/none.pem", key: good.keyFile), "/none.pem: No such file"),
            (TLSFiles(certificate: good.keyFile, key: good.keyFile), "no certificate can be read"),
            (TLSFiles(certificate: good.certificateFile, key: good.certificateFile), "no key without a passphrase"),
            (TLSFiles(certificate: good.certificateFile, key: locked), "no key without a passphrase"),
            (TLSFiles(certificate: good.certificateFile, key: other.keyFile), "is not that of the certificate"),
            (TLSFiles(authorities: good.keyFile), "no certificate of an authority"),
        ]
        for (files, said) in cases {
            let error = #expect(throws: TLSError.self) { try ThriftTLS(files) }
            #expect(error?.description.contains(said) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("PRIVATE") == false)
        }
    }

    @Test func aServerThatCouldRefuseNobodyDoesNotStart() throws {
        let fixture = try TLSFixture()
        let withoutAuthority = try ThriftTLS(
            TLSFiles(certificate: fixture.server.certificateFile, key: fixture.server.keyFile))
        let cases = [
            (ServerTLS(try fixture.keys(nil)), "no certificate"),
            (ServerTLS(withoutAuthority, requiresClientCertificate: true), "no authorities"),
        ]
        for (tls, said) in cases {
            let error = #expect(throws: ServerStartError.self) { try fixture.serve(tls) { _ in } }
            #expect(error?.message.contains(said) == true, "\(error?.message ?? "")")
        }
        try fixture.serve(ServerTLS(withoutAuthority)) { server throws in
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
            // Who names no authority trusts those of the system, of which this is none.
            let error = try fixture.failure(server.boundPort, ThriftBackendConnector(tls: withoutAuthority))
            #expect(error.message.contains("no authority that is known here"))
        }
    }

    @Test func newConnectionsUseWhatWasReadLastAndOpenOnesGoOn() throws {
        let fixture = try TLSFixture()
        let next = try CertificateAuthority(in: fixture.folder, name: "next")
        let keys = try fixture.keys(fixture.server)
        try fixture.serve(ServerTLS(keys)) { server throws in
            let old = try fixture.connector()
            #expect(try heartbeat(server.boundPort, old).status == .ok)
            _ = try next.issue("server")
            try keys.reload()
            for _ in 0..<3 { #expect(try heartbeat(server.boundPort, old).status == .ok) }
            try wait(for: "handshakes to be counted") { server.statistics.handshakes == 1 }
            let error = try fixture.failure(server.boundPort, fixture.connector())
            #expect(error.message.contains("no authority that is known here"))
            let new = ThriftBackendConnector(tls: try fixture.keys(nil, trusting: next))
            #expect(try heartbeat(server.boundPort, new).status == .ok)
        }
    }

    @Test func aReloadThatFailsKeepsWhatThereWas() throws {
        let fixture = try TLSFixture()
        let keys = try fixture.keys(fixture.server)
        try fixture.serve(ServerTLS(keys)) { server throws in
            try Data("no certificate".utf8).write(to: URL(fileURLWithPath: fixture.server.certificateFile))
            let error = #expect(throws: TLSError.self) { try keys.reload() }
            #expect(error?.description.contains(fixture.server.certificateFile) == true)
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
            try FileManager.default.removeItem(atPath: fixture.server.keyFile)
            #expect(throws: TLSError.self) { try keys.reload() }
            #expect(try heartbeat(server.boundPort, fixture.connector()).status == .ok)
        }
    }

    @Test func underTrafficNoCallFailsForAReload() throws {
        let fixture = try TLSFixture()
        let keys = try fixture.keys(fixture.server)
        try fixture.serve(ServerTLS(keys)) { server throws in
            let port = server.boundPort
            let isDone = Atomic(false)
            let client = try fixture.keys(nil)
            try withPeer({
                var calls = 0
                while !isDone.load(ordering: .relaxed) {
                    // A new connector every few calls, so that there are new connections, too.
                    let connector = ThriftBackendConnector(tls: client)
                    for _ in 0..<3 where try heartbeat(port, connector).status == .ok { calls += 1 }
                }
                return calls
            }) { calls throws in
                for _ in 0..<50 {
                    try keys.reload()
                    try client.reload()
                }
                try wait(for: "calls") { server.statistics.calls > 100 }
                isDone.store(true, ordering: .relaxed)
                #expect(try calls() > 100)
            }
            try wait(for: "failedHandshakes to be counted") { server.statistics.failedHandshakes == 0 }
        }
    }
}
