import Foundation
import Glibc
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// A cluster in the middle of its change-over: its ports take both, its daemons call each other over TLS.
    @Suite struct EncryptedClusterTests {
        @Test func daemonsSpeakTLSWithEachOtherAndReadNewCertificates() throws {
            let folder = try TemporaryFolder()
            let authority = try CertificateAuthority(in: folder)
            let certificate = try authority.issue("daemon")
            let settings = [
                "tls": "prefer", "tls_certificate_file": certificate.certificateFile,
                "tls_key_file": certificate.keyFile, "tls_ca_file": authority.certificateFile,
                "tls_verify_clients": "true",
            ]
            try ProcessCluster.run(backends: 2, frontend: settings, backend: settings) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 2)
                let file = try cluster.makeRows("rows.csv", count: 500)
                _ = try cluster.control("load", "t", "--file", file, "--label", "first")
                #expect(try cluster.readChecksum("t") == cluster.checksum(file: file))
                for backend in cluster.backends {
                    // Heartbeats and tasks.
                    let handshakes = try backend.metric("tabletd_thrift_tls_handshakes_total")
                    #expect(handshakes >= 2, "\(backend.daemon.name)")
                }

                // Another certificate of the same CA, in place of the first.
                let files = FileManager.default
                let new = try authority.issue("new")
                for (from, to) in [
                    (new.certificateFile, certificate.certificateFile), (new.keyFile, certificate.keyFile),
                ] {
                    try files.removeItem(atPath: to)
                    try files.copyItem(atPath: from, toPath: to)
                }
                let daemons = [cluster.frontend] + cluster.backends.map(\.daemon)
                for daemon in daemons {
                    let place = daemon.logLength
                    Glibc.kill(daemon.pid, SIGHUP)
                    try daemon.waitForLog("the certificates were read anew", from: place)
                }
                _ = try cluster.control("load", "t", "--file", file, "--label", "second")
                #expect(try cluster.readChecksum("t").rows == 1000)
            }
        }
    }
}
