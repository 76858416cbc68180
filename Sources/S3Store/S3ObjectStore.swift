internal import ByteText
internal import Checksums
internal import CurlHTTP
internal import Logging
public import Platform
internal import Synchronization
internal import TabletModel

/// A bucket behind the S3 protocol, over the shared HTTP client. Blocking; any thread. Made by `S3ObjectStoreProvider`.
///
/// Every request is signed by curl (Signature Version 4), sent at most `RetrySettings.maximumAttempts` times with full
/// jitter between, and takes one of the resource's `maxConnections`. Errors are `ObjectStoreError`, without secrets; a
/// source that can't be read is thrown as it is.
public final class S3ObjectStore: ObjectStore {
    let location: S3Location
    let settings: S3StoreSettings
    let client: HTTPClient
    let permits: ConnectionPermits
    let budget: RetryBudget
    let errors: S3ErrorMapping
    let random: any RandomSource
    let pause: any RetryPause
    let log: Logger
    let counters: S3Counters
    let group = GroupedMD5()

    private let credentials: SigV4Credentials
    private let sessionToken: String?
    private let connectTimeout: Duration
    private let requestTimeout: Duration

    /// When the bucket last answered: a 404 without a body soon after means the key, later it may mean the bucket.
    private let bucketSeen = Mutex<ContinuousClock.Instant?>(nil)
    let proofs = UploadProofs()
    /// Keys to delete one by one before a batch is tried again: the server refused one as unknown.
    let singleDeletes = Atomic<Int>(0)

    init(
        resource: S3Resource, settings: S3StoreSettings, client: HTTPClient, random: any RandomSource,
        pause: any RetryPause, log: Logger, counters: S3Counters = S3Counters()
    ) throws(S3ConfigurationError) {
        try settings.validate()
        guard resource.maxConnections > 0, resource.requestTimeoutMs > 0, resource.connectTimeoutMs > 0 else {
            throw S3ConfigurationError("connections and timeouts of \(resource) must be positive")
        }
        self.location = try S3Location(resource)
        self.settings = settings
        self.client = client
        self.permits = ConnectionPermits(Int(resource.maxConnections))
        self.budget = RetryBudget(capacity: settings.retry.budget)
        self.errors = S3ErrorMapping(secrets: [resource.secretKey, resource.sessionToken ?? ""])
        self.random = random
        self.pause = pause
        self.log = log
        self.counters = counters
        self.credentials = SigV4Credentials(
            accessKey: resource.accessKey, secretKey: resource.secretKey, region: resource.region)
        self.sessionToken = resource.sessionToken
        self.connectTimeout = .milliseconds(Int64(resource.connectTimeoutMs))
        self.requestTimeout = .milliseconds(Int64(resource.requestTimeoutMs))
    }

    // MARK: one request

    /// Sends the call until it succeeds (2xx) or its retries are spent. Blocking.
    @discardableResult
    func perform(_ call: S3Call) throws -> HTTPResponse {
        var retry = RetryDecision(settings: settings.retry)
        while true {
            switch attempt(call) {
            case .success(let response): return response
            case .failure(let failure): try waitToRetry(&retry, after: failure, call)
            }
        }
    }

    /// One try.
    func attempt(_ call: S3Call) -> Result<HTTPResponse, AttemptFailure> {
        permits.acquire()
        defer { permits.release() }
        let result: Result<HTTPResponse, HTTPTransferError>
        do {
            result = .success(try client.execute(request(call)))
        } catch {
            result = .failure(error)
        }
        return evaluate(result, call)
    }

    /// What a finished transfer means.
    func evaluate(
        _ result: Result<HTTPResponse, HTTPTransferError>, _ call: S3Call
    ) -> Result<HTTPResponse, AttemptFailure> {
        switch result {
        case .failure(let error):
            counters.note(call, succeeded: false, receivedBytes: 0)
            return .failure(errors.failure(error, call))
        case .success(let response):
            let received = call.method == .get ? response.header("Content-Length").flatMap { Int64($0) } ?? 0 : 0
            counters.note(call, succeeded: response.isSuccess, receivedBytes: max(0, received))
            guard response.isSuccess else { return .failure(errors.failure(response, call)) }
            budget.refill()
            noteBucket()
            return .success(response)
        }
    }

    /// The bucket is there.
    func noteBucket() { bucketSeen.withLock { $0 = .now } }

    var sawBucketLately: Bool {
        bucketSeen.withLock { $0.map { $0.duration(to: .now) < settings.bucketProofLife } ?? false }
    }

    /// Waits before the next try, or throws the failure when there is none.
    func waitToRetry(_ retry: inout RetryDecision, after failure: AttemptFailure, _ call: S3Call) throws {
        guard let delay = retry.delay(after: failure, budget: budget, random: AnyRandom(random)) else {
            throw failure.thrown
        }
        log.info(
            "s3 retry",
            metadata: [
                "operation": "\(call.operation)", "key": "\(call.key ?? "")", "try": "\(retry.retries + 1)",
                "cause": "\(failure.error.message)", "delay_ms": "\(delay.wholeMilliseconds)",
            ])
        do {
            try pause.pause(delay)
        } catch {
            // Shutting down: the failure that was to be retried stands.
            throw failure.thrown
        }
    }

    /// The call with address, keys and timeouts.
    func request(_ call: S3Call) -> HTTPRequest {
        var headers = call.headers
        headers.append(HTTPHeader("x-amz-content-sha256", payloadHash(call)))
        if let md5 = call.digest?.md5 { headers.append(HTTPHeader("Content-MD5", Base64.text(md5))) }
        if let sessionToken { headers.append(HTTPHeader("x-amz-security-token", sessionToken)) }
        let timeouts = HTTPTimeouts(
            connect: connectTimeout, stall: requestTimeout,
            answer: max(requestTimeout, call.answerTimeout ?? .zero), total: .zero)
        return HTTPRequest(
            call.method, location.url(key: call.key, query: call.query), headers: headers, body: call.body,
            range: call.range, credentials: credentials, timeouts: timeouts,
            responseLimitBytes: call.responseLimitBytes)
    }

    private static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private func payloadHash(_ call: S3Call) -> String {
        guard let body = call.body, body.sizeBytes != 0 else { return S3ObjectStore.emptyHash }
        return call.digest?.sha256 ?? "UNSIGNED-PAYLOAD"
    }

    func check(key: String, _ operation: String) throws(ObjectStoreError) {
        guard !key.isEmpty, (location.keyPrefix + key).utf8.count <= 1024 else {
            throw ObjectStoreError(
                .invalidRequest, operation: operation, key: key,
                message: "a key has 1 to 1024 bytes, root path included")
        }
    }

    /// An answer that is not what S3 answers: a proxy's page, or another service.
    func unreadable(_ error: XMLError, _ call: S3Call) -> ObjectStoreError {
        ObjectStoreError(
            .other, operation: call.operation, key: call.key ?? "", httpStatus: 200,
            message: "the answer is not S3's XML: \(error)")
    }
}

/// Lets an existential serve where a generic is asked for.
struct AnyRandom: RandomSource {
    let source: any RandomSource
    init(_ source: any RandomSource) { self.source = source }
    func next() -> UInt64 { source.next() }
}
