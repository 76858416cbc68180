import CurlHTTP
import Foundation
import Platform
import PlatformContracts
import ServerFixtures
import Testing

@testable import S3Store

/// Against real servers: rclone's checks every signature, moto's is another's reading of the protocol.
@Suite struct S3ServerTests {
    private static let large = (6 << 20) + 12_345

    @Test func rcloneKeepsTheContractAndAcceptsEverySignature() throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try ObjectStoreContract(fixture.store, largeBytes: Self.large).checkAll()
        #expect(fixture.pause.pauses.isEmpty)
        // What was sent, fetched and asked for in vain is counted.
        let counters = fixture.store.counters
        #expect(counters.succeeded(.put) > 0 && counters.succeeded(.delete) + counters.succeeded(.post) > 0)
        #expect(counters.sentBytes > Self.large && counters.receivedBytes > Self.large)
        #expect(counters.failed(.get) + counters.failed(.head) > 0)
    }

    @Test func rcloneKeepsTheContractBelowARootPathWithSmallPages() throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, rootPath: "/root path/x/", settings: S3Fixture.settings(page: 7))
        try ObjectStoreContract(fixture.store, largeBytes: Self.large).checkAll()
    }

    @Test func motoKeepsTheContract() throws {
        let server = try MotoServer()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, settings: S3Fixture.settings(page: 7))
        try fixture.store.createBucketIfMissing()
        try fixture.store.createBucketIfMissing()
        try ObjectStoreContract(fixture.store, largeBytes: Self.large).checkAll()
    }

    @Test(arguments: [S3StoreSettings.PayloadSigning.signed, .unsigned, .automatic])
    func everyWayOfSigningAndASessionTokenAreAccepted(signing: S3StoreSettings.PayloadSigning) throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(
            endpoint: server.endpoint, sessionToken: "token+/with=signs", settings: S3Fixture.settings(signing: signing)
        )
        for size in [0, 10, 2 << 20, Self.large] {
            let bytes = S3Fixture.pattern(size)
            try fixture.store.put("k \(size)", from: BytesSource(bytes))
            #expect(try fixture.store.getAll("k \(size)") == bytes)
        }
        #expect(try fixture.store.listAll(prefix: "k").count == 4)
        try fixture.store.delete(["k 0", "k 10"])
        #expect(try fixture.store.listAll(prefix: "k").count == 2)
    }

    @Test func virtualHostStyleIsSignedRight() throws {
        let server = try RcloneS3Server(usesVirtualHosts: true)
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: "http://localhost:\(server.port)", usePathStyle: false)
        try fixture.store.put("a/b", from: BytesSource([1, 2, 3]))
        #expect(try fixture.store.getAll("a/b") == [1, 2, 3])
    }

    @Test func aWrongSecretIsRefusedAndNeverShown() throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, secretKey: "wrong-secret-value")
        let operations: [() throws -> Void] = [
            { try fixture.store.put("k", from: BytesSource([1])) }, { _ = try fixture.store.get("k", range: 0..<1) },
            { _ = try fixture.store.head("k") }, { _ = try fixture.store.list(prefix: "", continuation: nil) },
            { try fixture.store.delete(["k", "l"]) },
            { try fixture.store.put("k", from: BytesSource(S3Fixture.pattern(Self.large))) },
        ]
        for operation in operations {
            let error = try #require(try S3Fixture.failure(operation))
            #expect(error.code == .accessDenied)
            #expect(!error.isRetryable)
            #expect(!"\(error)".contains("wrong-secret-value"))
        }
        #expect(fixture.pause.pauses.isEmpty)
    }

    @Test func aMissingBucketIsToldFromAMissingKey() throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, bucket: "nowhere")
        let operations: [() throws -> Void] = [
            { try fixture.store.put("k", from: BytesSource([1])) }, { _ = try fixture.store.get("k", range: 0..<1) },
            { _ = try fixture.store.head("k") }, { _ = try fixture.store.list(prefix: "", continuation: nil) },
        ]
        for operation in operations {
            #expect(try S3Fixture.failure(operation)?.code == .noSuchBucket)
        }
    }

    @Test func aServerThatIsDownIsANetworkErrorAfterItsRetries() throws {
        let server = try RcloneS3Server()
        let fixture = try S3Fixture(endpoint: server.endpoint)
        try fixture.store.put("k", from: BytesSource([1]))
        server.stop()
        let error = try S3Fixture.failure { _ = try fixture.store.head("k") }
        #expect(error?.code == .network)
        #expect(error?.isRetryable == true)
        #expect(fixture.pause.pauses.count == 5)
    }

    @Test func manyUploadsAtOnceStayWithinTheConnectionLimit() async throws {
        let server = try RcloneS3Server()
        defer { server.stop() }
        let fixture = try S3Fixture(endpoint: server.endpoint, maxConnections: 3)
        let bytes = S3Fixture.pattern(Self.large)
        try Workers.run(count: 6) { worker in
            try fixture.store.put("large/\(worker)", from: BytesSource(bytes))
            for index in 0..<10 { try fixture.store.put("small/\(worker)/\(index)", from: BytesSource([UInt8(index)])) }
        }
        #expect(try fixture.store.listAll(prefix: "small/").count == 60)
        #expect(try fixture.store.getAll("large/5") == bytes)
    }

    @Test func tlsIsVerifiedAgainstTheGivenAuthority() throws {
        let folder = try TemporaryFolder()
        let certificate = try ServerCertificate.make(in: folder)
        let server = try RcloneS3Server(certificate: certificate)
        defer { server.stop() }
        let trusting = try S3Fixture(
            endpoint: server.endpoint, configuration: HTTPClientConfiguration(caFile: certificate.certificateFile))
        try trusting.store.put("k", from: BytesSource(S3Fixture.pattern(3_000_000)))
        #expect(try trusting.store.head("k")?.sizeBytes == 3_000_000)

        let strict = try S3Fixture(endpoint: server.endpoint)
        let error = try S3Fixture.failure { _ = try strict.store.head("k") }
        #expect(error?.code == .tls)
        #expect(error?.isRetryable == false)
    }
}

/// Threads for blocking calls.
enum Workers {
    static func run(count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let failures = FailureList()
        let group = DispatchGroup()
        for worker in 0..<count {
            group.enter()
            Thread {
                do { try body(worker) } catch { failures.add(error) }
                group.leave()
            }.start()
        }
        group.wait()
        if let first = failures.first { throw first }
    }
}
