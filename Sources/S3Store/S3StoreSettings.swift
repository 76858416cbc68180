/// How the stores of one provider upload, sign, wait and retry. What differs by bucket is in `S3Resource`.
public struct S3StoreSettings: Hashable, Sendable {
    /// Objects of at least this size go up in parts; smaller ones in one PUT.
    public var multipartFromBytes: Int64
    /// The same for a source that knows its MD5: in one PUT its bytes are not hashed again, as those of parts are. What breaks
    /// off is sent again from the start, hence not for any size.
    public var hashedMultipartFromBytes: Int64
    /// Size of a part (the last one may be smaller). At least 5 MiB; grows by itself when an object would need more
    /// than 10,000 parts. Parts are streamed from the source: this costs no memory.
    public var partBytes: Int64
    /// Parts of one object in flight at once, within the store's `maxConnections`.
    public var parallelParts: Int
    public var payloadSigning: PayloadSigning
    public var contentDigest: ContentMD5
    /// Compares the ETag of each object and part with the MD5 of what was sent, when it looks like one and the answer
    /// does not name an encryption that makes it something else. One that differs is settled by reading the bytes back;
    /// stores whose ETags merely look like MD5s are known after the first.
    public var comparesETag: Bool
    public var retry: RetrySettings
    /// Wait for the answer once a body was sent whole: the server may still be storing it.
    /// `S3Resource.requestTimeoutMs` bounds silence while bytes move, and the wait for the answer of requests without a
    /// body.
    public var uploadAnswerTimeout: Duration
    /// Wait for the answer of CompleteMultipartUpload, which assembles the object.
    public var completionTimeout: Duration
    /// Keys asked for in one list page, 1,000 at most.
    public var listPageSize: Int
    /// After an answer from the bucket, a 404 without a body means the key for so long; then the bucket is asked for.
    public var bucketProofLife: Duration

    public init(
        multipartFromBytes: Int64 = 64 << 20, hashedMultipartFromBytes: Int64 = 128 << 20,
        partBytes: Int64 = 16 << 20, parallelParts: Int = 4,
        payloadSigning: PayloadSigning = .automatic, contentDigest: ContentMD5 = .automatic, comparesETag: Bool = true,
        retry: RetrySettings = RetrySettings(), uploadAnswerTimeout: Duration = .seconds(60),
        completionTimeout: Duration = .seconds(300), listPageSize: Int = 1000,
        bucketProofLife: Duration = .seconds(10)
    ) {
        self.multipartFromBytes = multipartFromBytes
        self.hashedMultipartFromBytes = hashedMultipartFromBytes
        self.partBytes = partBytes
        self.parallelParts = parallelParts
        self.payloadSigning = payloadSigning
        self.contentDigest = contentDigest
        self.comparesETag = comparesETag
        self.retry = retry
        self.uploadAnswerTimeout = uploadAnswerTimeout
        self.completionTimeout = completionTimeout
        self.listPageSize = listPageSize
        self.bucketProofLife = bucketProofLife
    }

    /// Whether `Content-MD5` goes with an upload, so that the server refuses bytes that changed on the way. Small bodies
    /// (up to 1 MiB) always carry it unless it is `never`; for streamed ones it costs a pass over the source before the
    /// first byte is sent.
    public enum ContentMD5: String, Hashable, Sendable {
        /// Until the store has answered an upload with an ETag that is the MD5 of its bytes. From then on a streamed
        /// body is hashed while it is sent and the ETag must be that hash; when one is not, the same upload is sent again
        /// with `Content-MD5`, and so are the next. Every upload is proven either way. Without `comparesETag` the same
        /// as `always`.
        case automatic
        /// With every upload. curl signs the header, which binds the body to the signature where the payload itself is
        /// unsigned: what to choose for plain HTTP over a network that others can write to.
        case always
        /// For servers that refuse the header. An upload whose ETag is no MD5 is then not proven at all.
        case never
    }

    /// What `x-amz-content-sha256` says of a body.
    public enum PayloadSigning: String, Hashable, Sendable {
        /// The hash for bodies in memory (up to 1 MiB), `UNSIGNED-PAYLOAD` for streamed ones: SHA-256
        /// would cost another pass over the source. `ContentMD5` tells how those are proven.
        case automatic
        /// The hash, always: for buckets whose policy refuses unsigned payloads.
        case signed
        /// `UNSIGNED-PAYLOAD`, always.
        case unsigned
    }
}

/// When and how long to wait before sending a request again.
public struct RetrySettings: Hashable, Sendable {
    /// Tries of one request, the first included.
    public var maximumAttempts: Int
    /// Full jitter: a wait is uniform between zero and `base` × 2^retry, `limit` at most.
    public var baseDelay: Duration
    public var delayLimit: Duration
    /// `Retry-After` is honoured up to this.
    public var retryAfterLimit: Duration
    /// Tokens of the store's budget. A retry takes 5 (10 after a timeout), a success gives back 1: when a server fails
    /// most of what it gets, the store soon stops doubling its load.
    public var budget: Int

    public init(
        maximumAttempts: Int = 6, baseDelay: Duration = .milliseconds(100), delayLimit: Duration = .seconds(5),
        retryAfterLimit: Duration = .seconds(20), budget: Int = 500
    ) {
        self.maximumAttempts = maximumAttempts
        self.baseDelay = baseDelay
        self.delayLimit = delayLimit
        self.retryAfterLimit = retryAfterLimit
        self.budget = budget
    }
}

/// Settings or a storage resource that cannot work.
public struct S3ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}

extension S3StoreSettings {
    /// Bodies of up to this size are held in memory while they are sent.
    static let inMemoryBodyBytes: Int64 = 1 << 20
    /// S3's smallest part, the last excepted.
    public static let smallestPartBytes: Int64 = 5 << 20
    /// S3 takes larger objects in parts only.
    public static let largestPutBytes: Int64 = 5 << 30

    func validate() throws(S3ConfigurationError) {
        guard partBytes >= S3StoreSettings.smallestPartBytes, partBytes <= 5 << 30 else {
            throw S3ConfigurationError("part size \(partBytes) is not between 5 MiB and 5 GiB")
        }
        guard multipartFromBytes >= partBytes else {
            throw S3ConfigurationError("multipart from \(multipartFromBytes) bytes is below the part size \(partBytes)")
        }
        guard multipartFromBytes <= hashedMultipartFromBytes,
            hashedMultipartFromBytes <= S3StoreSettings.largestPutBytes
        else {
            throw S3ConfigurationError(
                "multipart from \(multipartFromBytes) bytes and, of hashed sources, from \(hashedMultipartFromBytes) do not "
                    + "follow each other up to 5 GiB, S3's largest PUT")
        }
        guard (1...1000).contains(listPageSize), parallelParts >= 1, retry.maximumAttempts >= 1 else {
            throw S3ConfigurationError("list page size must be 1 to 1000, parallel parts and attempts at least 1")
        }
    }
}
