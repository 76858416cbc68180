internal import CurlHTTP

/// One S3 request, before it has an address, keys and timeouts.
struct S3Call: Sendable {
    /// As errors name it: the S3 action.
    var operation: String
    var method: HTTPMethod
    /// Without the root path; nil asks the bucket.
    var key: String?
    var query: [(name: String, value: String)] = []
    var headers: [HTTPHeader] = []
    var body: HTTPBody?
    var digest: ContentDigest?
    var range: Range<Int64>?
    var responseLimitBytes = 1 << 20
    /// Wait for the answer; nil uses the resource's request timeout.
    var answerTimeout: Duration?
}
