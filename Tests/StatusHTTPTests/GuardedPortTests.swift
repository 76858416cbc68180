import AccessControl
import CurlHTTP
import Foundation
import Hummingbird
import Logging
import Platform
import ServerFixtures
import ServiceLifecycle
import StatusHTTP
import Synchronization
import Testing
import TransportSecurity

/// Who gets to an HTTP port, and encrypted how.
@Suite struct GuardedPortTests {
    private let folder: TemporaryFolder
    private let files: ServerCertificate

    init() throws {
        folder = try TemporaryFolder()
        files = try ServerCertificate.make(in: folder)
    }

    private func certificates() throws -> ServerCertificates {
        try ServerCertificates(CertificateFiles(certificate: files.certificateFile, key: files.keyFile))
    }

    /// Runs the service for the time of `body`, which gets its port.
    private func withServer(_ rules: PortRules, _ body: @escaping @Sendable (Int32) throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = HTTPService(
            routes: {
                let routes = HTTPService.makeRoutes()
                routes.get("health") { _, _ in try jsonResponse(["status": "OK"]) }
                routes.post("echo") { request, _ in
                    let body = try await request.body.collect(upTo: 1000)
                    return textResponse("\(body.readableBytes) bytes")
                }
                return routes
            }, host: "127.0.0.1", port: 0, rules: rules, logger: Logger(label: "test"),
            onListening: { port.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [service], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await bound in ports {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    Thread { continuation.resume(with: Result { try body(Int32(bound)) }) }.start()
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func status(_ scheme: String, _ port: Int32, trusting ca: String?) throws -> Int {
        let client = try HTTPClient(configuration: HTTPClientConfiguration(name: "guarded", caFile: ca))
        defer { client.shutdown() }
        return try client.execute(CurlHTTP.HTTPRequest(.get, "\(scheme)://127.0.0.1:\(port)/health")).status
    }

    private func isRefused(_ scheme: String, _ port: Int32, trusting ca: String?) -> Bool {
        do {
            _ = try status(scheme, port, trusting: ca)
            return false
        } catch {
            return error is HTTPTransferError
        }
    }

    @Test func whoIsInNoneOfTheNetworksIsClosedAtOnce() async throws {
        let refused = Mutex<[String]>([])
        let rules = PortRules(allowedHosts: try AllowedHosts("10.0.0.0/8")) { host in
            refused.withLock { $0.append(host) }
        }
        try await withServer(rules) { port in
            let connection = try RawConnection(port: port)
            connection.send(Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(connection.receive(1 << 10).isEmpty)
        }
        #expect(refused.withLock { $0 } == ["127.0.0.1"])
    }

    @Test func aPortThatRequiresTLSSpeaksNothingElse() async throws {
        let certificates = try certificates()
        let (trusted, folder) = (files.certificateFile, folder)
        try await withServer(PortRules(encryption: .required { certificates.context })) { port in
            #expect(try status("https", port, trusting: trusted) == 200)
            #expect(isRefused("http", port, trusting: trusted))
            let other = try TemporaryFolder()
            let stranger = try ServerCertificate.make(in: other)
            #expect(isRefused("https", port, trusting: stranger.certificateFile))
            _ = folder
        }
    }

    @Test func whileAClusterChangesOverBothAreSpoken() async throws {
        let certificates = try certificates()
        let trusted = files.certificateFile
        try await withServer(PortRules(encryption: .offered { certificates.context })) { port in
            for scheme in ["http", "https", "http"] {
                let answered = try status(scheme, port, trusting: trusted)
                #expect(answered == 200, "\(scheme)")
            }
        }
    }

    @Test func newCertificatesCountAndBrokenOnesDoNot() throws {
        let certificates = try certificates()
        let other = try TemporaryFolder()
        let new = try ServerCertificate.make(in: other)
        let files = FileManager.default
        try files.removeItem(atPath: self.files.certificateFile)
        #expect(throws: CertificateError.self) { try certificates.reload() }
        // A certificate and the key of another one.
        try files.copyItem(atPath: new.certificateFile, toPath: self.files.certificateFile)
        #expect(throws: CertificateError.self) { try certificates.reload() }
        try files.removeItem(atPath: self.files.keyFile)
        try files.copyItem(atPath: new.keyFile, toPath: self.files.keyFile)
        try certificates.reload()
    }

    /// Two readings of one request: what one server takes for a body, the next takes for a request.
    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n", "Content-Length: +5\r\n", "Content-Length: 0x5\r\n", "Content-Length : 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n",
        "Content-Length: 5\r\n folded: yes\r\n", "Bad Name: x\r\n", "X: a\u{0}b\r\n",
        "Content-Length: 99999999999999999999\r\n", "X: " + String(repeating: "y", count: 200_000) + "\r\n",
    ])
    func aRequestWithTwoReadingsGetsNone(header: String) async throws {
        try await withServer(PortRules()) { port in
            let connection = try RawConnection(port: port)
            let smuggled = "0\r\n\r\nGET /health HTTP/1.1\r\nHost: b\r\n\r\n"
            connection.send(Array("POST /echo HTTP/1.1\r\nHost: a\r\n\(header)\r\n\(smuggled)".utf8))
            connection.endSending()
            let answer = String(decoding: connection.receive(1 << 16), as: UTF8.self)
            #expect(!answer.contains("\"OK\""), "\(header.prefix(60)): \(answer.prefix(300))")
            // The port goes on for others.
            #expect(try status("http", port, trusting: nil) == 200)
        }
    }

    @Test func dotsInAPathLeadNowhere() async throws {
        try await withServer(PortRules()) { port in
            for path in [
                "/x/../health", "/../health", "/%2e%2e/health", "/./health", "//health/..", "/health/../../etc/passwd",
            ] {
                let connection = try RawConnection(port: port)
                connection.send(Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
                let answer = String(decoding: connection.receive(1 << 12), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 404") || answer.hasPrefix("HTTP/1.1 400"), "\(path): \(answer)")
            }
        }
    }
}
