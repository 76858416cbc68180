import CurlHTTP
import Logging
import Platform
import ServerFixtures
import Synchronization
import TabletModel

@testable import S3Store

/// Notes the waits of retries instead of waiting.
final class NotedPause: RetryPause {
    private let noted = Mutex<[Duration]>([])
    func pause(_ duration: Duration) throws { noted.withLock { $0.append(duration) } }
    var pauses: [Duration] { noted.withLock { $0 } }
}

/// The largest number each time, so that a jittered wait is its ceiling.
struct HighestRandom: RandomSource {
    func next() -> UInt64 { .max }
}

/// A store on a server of the tests.
struct S3Fixture {
    let pause = NotedPause()
    let client: HTTPClient
    let store: S3ObjectStore

    init(
        endpoint: String, accessKey: String = "AKIDTABLETD", secretKey: String = "secret-of-the-tests",
        sessionToken: String? = nil, bucket: String = "bucket", rootPath: String = "", usePathStyle: Bool = true,
        maxConnections: Int32 = 8, requestTimeoutMs: Int32 = 10_000, settings: S3StoreSettings = S3Fixture.settings(),
        configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) throws {
        client = try HTTPClient(configuration: configuration)
        let resource = S3Resource(
            endpoint: endpoint, accessKey: accessKey, secretKey: secretKey, sessionToken: sessionToken, bucket: bucket,
            rootPath: rootPath, usePathStyle: usePathStyle, maxConnections: maxConnections,
            requestTimeoutMs: requestTimeoutMs, connectTimeoutMs: 5000)
        let provider = try S3ObjectStoreProvider(
            client: client, settings: settings, random: HighestRandom(), pause: pause, log: Logger(label: "test"))
        store = try provider.s3Store(for: resource)
    }

    /// Small parts, so that tests need few bytes for many.
    static func settings(
        retry: RetrySettings = RetrySettings(), signing: S3StoreSettings.PayloadSigning = .automatic,
        digest: S3StoreSettings.ContentMD5 = .automatic, etag: Bool = true, page: Int = 1000,
        answer: Duration = .seconds(30)
    ) -> S3StoreSettings {
        S3StoreSettings(
            multipartFromBytes: 6 << 20, hashedMultipartFromBytes: 8 << 20, partBytes: 5 << 20, payloadSigning: signing,
            contentDigest: digest, comparesETag: etag, retry: retry, uploadAnswerTimeout: answer,
            completionTimeout: .seconds(30), listPageSize: page)
    }

    static func pattern(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var state = UInt64(count) | 1
            for index in 0..<count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                buffer[index] = UInt8(truncatingIfNeeded: state >> 56)
            }
            initialized = count
        }
    }

    static func failure(_ body: () throws -> Void) throws -> ObjectStoreError? {
        do {
            try body()
            return nil
        } catch let error as ObjectStoreError {
            return error
        }
    }
}
