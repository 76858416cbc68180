public import Platform

public enum HTTPMethod: String, Hashable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}

public struct HTTPHeader: Hashable, Sendable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a request sends.
public enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// A part of a source. It is read on the engine's thread, straight into curl's send buffer, and again from the
    /// start when curl repeats the request on a fresh connection. Reads should come from memory or the page cache: a
    /// read that blocks holds up every other transfer of the client.
    case source(any ObjectSource, range: Range<Int64>)
    /// Bytes that come as they come, of a length that nobody knows: a pipe. Sent in chunks; a request with such a body can't
    /// be repeated. A read may block, and then holds up every other transfer of the client, its deadlines as well: for
    /// programs with one transfer, whose timeouts for silence are off.
    case stream(any HTTPBodyStream)

    /// nil when it is not known.
    public var sizeBytes: Int64? {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .source(_, let range): Int64(range.count)
        case .stream: nil
        }
    }
}

/// Bytes in order, once.
public protocol HTTPBodyStream: Sendable {
    /// Fills the buffer as far as there is something, at least a byte; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Keys with which curl signs the request (AWS Signature Version 4). They are handed to curl and nowhere else.
///
/// curl 7.88 signs every header the request carries, so a session token and `Content-MD5` are part of the signature;
/// the caller sends `x-amz-content-sha256`, sorts the query by name and percent-encodes all but unreserved characters.
public struct SigV4Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public var accessKey: String
    public var secretKey: String
    public var region: String
    public var service: String

    public init(accessKey: String, secretKey: String, region: String, service: String = "s3") {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
        self.service = service
    }

    public var description: String { "access key \(accessKey), \(region)/\(service)" }
    public var debugDescription: String { description }
}

/// How long a transfer may take. Each is a `timeout` error; zero means no limit.
public struct HTTPTimeouts: Hashable, Sendable {
    /// Name lookup, TCP and TLS together.
    public var connect: Duration
    /// Longest time in which no byte moves either way while headers or a body are sent or received. What the kernel
    /// still holds unacknowledged counts as not yet moved, so a slow link is not a silent one.
    public var stall: Duration
    /// Longest wait for the first byte of the answer after the request was sent whole.
    public var answer: Duration
    /// From start to end; the wait for a free transfer slot does not count.
    public var total: Duration

    public init(
        connect: Duration = .seconds(5), stall: Duration = .seconds(30), answer: Duration = .seconds(60),
        total: Duration = .zero
    ) {
        self.connect = connect
        self.stall = stall
        self.answer = answer
        self.total = total
    }
}

/// One HTTP exchange. Redirects are refused unless `redirectLimit` allows some, and then stay on the URL's own scheme.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// Absolute, `http` or `https`, already percent-encoded; sent as it is (no dot segments are removed). `cluster` stands for
    /// the one of both in which the daemons of the cluster speak.
    public var url: String
    public var headers: [HTTPHeader]
    public var body: HTTPBody?
    /// Bytes of the resource to answer with. Works with servers that ignore ranges: a 200 is cut to the window.
    public var range: Range<Int64>?
    public var credentials: SigV4Credentials?
    public var timeouts: HTTPTimeouts
    public var redirectLimit: Int
    /// curl sends a request once more by itself, when the connection it was sent on had been used before and broke without an
    /// answer: the first one may have been carried out, and nobody hears of it. False: such a request is a `reset` error.
    public var mayBeSentAgain: Bool
    /// Its server is a daemon of the cluster, checked with the cluster's CA.
    public var isForPeer = false
    /// A longer body is a `tooLarge` error, found before it is held. Streamed bodies have no such limit.
    public var responseLimitBytes: Int

    public init(
        _ method: HTTPMethod, _ url: String, headers: [HTTPHeader] = [], body: HTTPBody? = nil,
        range: Range<Int64>? = nil, credentials: SigV4Credentials? = nil, timeouts: HTTPTimeouts = HTTPTimeouts(),
        redirectLimit: Int = 0, mayBeSentAgain: Bool = true, responseLimitBytes: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        isForPeer = url.hasPrefix("cluster://")
        self.headers = headers
        self.body = body
        self.range = range
        self.credentials = credentials
        self.timeouts = timeouts
        self.redirectLimit = redirectLimit
        self.mayBeSentAgain = mayBeSentAgain
        self.responseLimitBytes = responseLimitBytes
    }
}
