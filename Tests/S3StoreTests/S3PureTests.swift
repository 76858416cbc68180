import ByteText
import CurlHTTP
import Platform
import TabletModel
import Testing

@testable import S3Store

@Suite struct S3LocationTests {
    private func location(_ endpoint: String, bucket: String = "b", root: String = "", path: Bool = true) throws
        -> S3Location
    {
        try S3Location(
            S3Resource(
                endpoint: endpoint, accessKey: "a", secretKey: "s", bucket: bucket, rootPath: root, usePathStyle: path))
    }

    @Test(arguments: [
        ("http://h:9000", true, "http://h:9000/b/k"), ("h", true, "https://h/b/k"),
        ("https://h/", true, "https://h/b/k"),
        ("http://h:1", false, "http://b.h:1/k"),
    ])
    func addressesFollowTheStyle(endpoint: String, path: Bool, url: String) throws {
        #expect(try location(endpoint, path: path).url(key: "k") == url)
    }

    @Test func theRootPathIsPartOfTheKey() throws {
        #expect(try location("http://h", root: "/x/y/").url(key: "k/1") == "http://h/b/x/y/k/1")
    }

    @Test func theQueryIsSortedAndFlagsHaveAnEqualsSign() throws {
        let url = try location("http://h").url(
            key: nil, query: [("uploads", ""), ("prefix", "a/"), ("list-type", "2")])
        #expect(url == "http://h/b/?list-type=2&prefix=a%2F&uploads=")
    }

    @Test(arguments: ["", "http://", "http://h/path", "ftp://h", "h h"]) func badEndpointsAreRefused(endpoint: String) {
        #expect(throws: S3ConfigurationError.self) { try location(endpoint) }
    }

    @Test func badBucketsAreRefused() {
        #expect(throws: S3ConfigurationError.self) { try location("h", bucket: "") }
        #expect(throws: S3ConfigurationError.self) { try location("h", bucket: "a/b") }
        #expect(throws: S3ConfigurationError.self) { try location("h", bucket: "a b", path: false) }
    }
}

@Suite struct XMLTests {
    private func events(_ text: String) throws -> [XMLReader.Event] {
        var reader = XMLReader(Array(text.utf8))
        var events: [XMLReader.Event] = []
        while let event = try reader.next() { events.append(event) }
        return events
    }

    @Test func elementsTextEntitiesAndCDATA() throws {
        let text =
            "<?xml version='1.0'?>\n<!-- c --><a x='>'><s:b>1 &lt;&amp;&#65;&#x42;</s:b><c/><d><![CDATA[<&]]></d></a>\n"
        #expect(
            try events(text) == [
                .open("a"), .open("b"), .text("1 <&AB"), .close("b"), .open("c"), .close("c"), .open("d"), .text("<&"),
                .close("d"), .close("a"),
            ])
    }

    @Test(arguments: [
        "<a>", "<a></b>", "</a>", "<a>&bad;</a>", "<a>&#xD800;</a>", "<a>&amp", "<!DOCTYPE a><a/>", "<", "<a", "<a b='",
        "<!--", "<![CDATA[", "<>", String(repeating: "<a>", count: 17),
    ])
    func brokenDocumentsAreRefused(text: String) {
        #expect(throws: XMLError.self) { try events(text) }
    }

    @Test func everyPrefixOfAnAnswerEndsWithoutATrap() {
        let text = Array(
            "<L><Contents><Key>a&amp;b</Key><Size>1</Size></Contents><![CDATA[x]]><!-- y --><z q='1'/></L>".utf8)
        for count in 0...text.count {
            var reader = XMLReader(Array(text[..<count]))
            do { while try reader.next() != nil {} } catch { #expect(count < text.count) }
        }
    }

    @Test func aListIsRead() throws {
        let answer = try S3ListAnswer(
            Array(
                """
                <?xml version="1.0"?><ListBucketResult xmlns="http://s3/"><Contents><Size>5</Size><Key>a%2Fb+c%2B</Key>
                <Owner><ID>x</ID></Owner></Contents><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextContinuationToken>t&amp;1</NextContinuationToken></ListBucketResult>
                """.utf8))
        #expect(answer.objects == [ObjectListing(key: "a/b c+", sizeBytes: 5)])
        #expect(answer.isTruncated)
        #expect(answer.continuation == "t&1")
    }

    @Test(arguments: [
        "<html><body>hi</body></html>", "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>many</Size></Contents></ListBucketResult>", "<ListBucketResult>",
    ])
    func anAnswerThatIsNoListIsRefused(text: String) {
        #expect(throws: XMLError.self) { try S3ListAnswer(Array(text.utf8)) }
    }

    @Test func anErrorIsReadEvenWhenItIsCutOff() {
        let text = "<Error><Code>SlowDown</Code><Message>less</Message><RequestId>1"
        #expect(S3ErrorAnswer(Array(text.utf8))?.code == "SlowDown")
        #expect(S3ErrorAnswer(Array("<Error><Co".utf8)) == nil)
        #expect(S3ErrorAnswer(Array("Bad gateway".utf8)) == nil)
    }
}

@Suite struct RetryTests {
    private let busy = AttemptFailure(
        ObjectStoreError(.throttled, operation: "PUT", key: "k", message: "busy", isRetryable: true))

    @Test func waitsGrowUpToTheLimitAndAttemptsEnd() {
        let settings = RetrySettings(
            maximumAttempts: 5, baseDelay: .milliseconds(100), delayLimit: .milliseconds(500))
        var decision = RetryDecision(settings: settings)
        let budget = RetryBudget(capacity: 500)
        var delays: [Duration] = []
        while let delay = decision.delay(after: busy, budget: budget, random: HighestRandom()) { delays.append(delay) }
        #expect(delays == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(500)])
    }

    @Test func retryAfterIsHonouredWithinItsLimit() {
        var decision = RetryDecision(settings: RetrySettings(retryAfterLimit: .seconds(20)))
        let budget = RetryBudget(capacity: 500)
        var failure = busy
        failure.retryAfter = .seconds(3)
        let first = decision.delay(after: failure, budget: budget, random: HighestRandom())
        #expect(first == .seconds(3))
        failure.retryAfter = .seconds(3000)
        let second = decision.delay(after: failure, budget: budget, random: HighestRandom())
        #expect(second == .seconds(20))
    }

    @Test func anEmptyBudgetEndsRetriesUntilSuccessesRefillIt() {
        let budget = RetryBudget(capacity: 12)
        #expect(budget.take(RetryBudget.retryCost))
        #expect(budget.take(RetryBudget.retryCost))
        #expect(!budget.take(RetryBudget.retryCost))
        for _ in 0..<100 { budget.refill() }
        #expect(budget.available == 12)
    }

    @Test func finalFailuresAreNotTriedAgain() {
        var decision = RetryDecision(settings: RetrySettings())
        let denied = AttemptFailure(ObjectStoreError(.accessDenied, operation: "PUT", key: "k", message: "no"))
        let delay = decision.delay(after: denied, budget: RetryBudget(capacity: 500), random: HighestRandom())
        #expect(delay == nil)
    }

    @Test func retryAfterIsReadAsSecondsOrAsADate() {
        func delay(_ value: String) -> Duration? {
            RetryAfter.delay(
                HTTPResponse(
                    status: 503,
                    headers: [
                        HTTPHeader("Retry-After", value), HTTPHeader("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ]))
        }
        #expect(delay("7") == .seconds(7))
        #expect(delay("Sun, 06 Nov 1994 08:50:07 GMT") == .seconds(30))
        #expect(delay("Sun, 06 Nov 1994 08:00:00 GMT") == .zero)
        #expect(delay("-1") == nil)
        #expect(delay("soon") == nil)
    }
}

@Suite struct S3ErrorMappingTests {
    @Test(arguments: [
        (403, "SignatureDoesNotMatch", ObjectStoreError.Code.accessDenied, false),
        (404, "NoSuchBucket", .noSuchBucket, false), (404, "NoSuchKey", .noSuchKey, false),
        (404, "", .noSuchKey, false),
        (503, "SlowDown", .throttled, true), (429, "", .throttled, true), (500, "InternalError", .unavailable, true),
        (502, "", .unavailable, true), (400, "BadDigest", .checksumMismatch, true),
        (400, "RequestTimeout", .timeout, true), (400, "ExpiredToken", .accessDenied, false),
        (400, "InvalidArgument", .invalidRequest, false), (301, "PermanentRedirect", .invalidRequest, false),
        (501, "NotImplemented", .invalidRequest, false),
    ])
    func answersAreMapped(status: Int, code: String, expected: ObjectStoreError.Code, isRetryable: Bool) {
        let (mapped, retry) = S3ErrorMapping.classify(status: status, code: code.isEmpty ? nil : code, isKey: true)
        #expect(mapped == expected)
        #expect(retry == isRetryable)
    }

    @Test func secretsAreCutOutOfWhateverAServerEchoes() {
        let mapping = S3ErrorMapping(secrets: ["s3cr3t", "t0ken"])
        #expect(mapping.cleaned("a s3cr3t and t0ken s3cr3t") == "a *** and *** ***")
    }
}

@Suite struct UploadArithmeticTests {
    @Test func partsCoverTheObjectOnce() {
        let plan = MultipartPlan(objectBytes: 11 << 20, partBytes: 5 << 20)
        #expect(plan.partCount == 3)
        #expect((0..<3).map { plan.range(of: $0).count } == [5 << 20, 5 << 20, 1 << 20])
        #expect(plan.range(of: 2).upperBound == 11 << 20)
    }

    @Test func hugeObjectsGetLargerParts() {
        let plan = MultipartPlan(objectBytes: 5 << 40, partBytes: 5 << 20)
        #expect(plan.partCount <= 10_000)
        #expect(plan.range(of: plan.partCount - 1).upperBound == 5 << 40)
    }

    @Test func digestsAreRight() throws {
        let digest = ContentDigest(of: Array("abc".utf8), md5: true, sha256: true)
        #expect(Hexadecimal.text(digest.md5!) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(Base64.text(digest.md5!) == "kAFQmDzST7DWlj99KOF/cg==")
        #expect(digest.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let bytes = S3Fixture.pattern(1_000_001)
        let streamed = try ContentDigest(of: BytesSource([1] + bytes), range: 1..<1_000_002, md5: true, sha256: true)
        #expect(streamed == ContentDigest(of: bytes, md5: true, sha256: true))
    }

    @Test(
        arguments: [
            ("900150983cd24fb0d6963f7d28e17f72", nil, true), ("900150983cd24fb0d6963f7d28e17f72-2", nil, false),
            ("900150983cd24fb0d6963f7d28e17f72-2", 2, true), ("900150983cd24fb0d6963f7d28e17f72-3", 2, false),
            ("short", nil, false), ("", nil, false),
        ] as [(String, Int?, Bool)])
    func etagsThatAreMD5sAreKnown(etag: String, parts: Int?, looks: Bool) {
        #expect(ETag.looksLikeMD5(etag, parts: parts) == looks)
    }

    @Test(arguments: [
        S3StoreSettings(multipartFromBytes: 1 << 20), S3StoreSettings(partBytes: 1 << 20),
        S3StoreSettings(parallelParts: 0), S3StoreSettings(listPageSize: 1001),
        S3StoreSettings(hashedMultipartFromBytes: 63 << 20), S3StoreSettings(hashedMultipartFromBytes: 6 << 30),
        S3StoreSettings(multipartFromBytes: 6 << 30, hashedMultipartFromBytes: 7 << 30),
    ])
    func settingsThatCannotWorkAreRefused(settings: S3StoreSettings) {
        #expect(throws: S3ConfigurationError.self) { try settings.validate() }
    }
}
