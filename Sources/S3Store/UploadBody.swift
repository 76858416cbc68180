internal import Checksums
internal import CurlHTTP
internal import Platform

/// What one request uploads, and the MD5 by which its arrival is proven.
struct UploadBody: Sendable {
    let content: HTTPBody
    /// Told to the server before the body: it refuses other bytes.
    let declared: ContentDigest
    private let known: [UInt8]?
    private let hashing: HashingSource?

    var isDeclared: Bool { declared.md5 != nil }

    /// 16 bytes; of a body that hashes itself only once it was sent whole, of one that nobody proves never.
    var md5: [UInt8]? { known ?? hashing?.md5 }

    /// A body whose hashes are known.
    private init(_ content: HTTPBody, _ digest: ContentDigest, declares: Bool) {
        self.content = content
        declared = declares ? digest : ContentDigest(sha256: digest.sha256)
        known = digest.md5
        hashing = nil
    }

    private init(_ source: HashingSource, range: Range<Int64>) {
        content = .source(source, range: range)
        declared = ContentDigest()
        known = nil
        hashing = source
    }

    /// Small parts are read into memory, with all their hashes at once; others are streamed.
    /// - Parameter proof: for streamed bodies; small ones are declared wherever that is allowed, which costs nothing.
    /// - Parameter group: hashes bodies that are sent at the same time.
    /// - Throws: what the source throws.
    init(
        _ source: any ObjectSource, _ range: Range<Int64>, settings: S3StoreSettings, proof: Proof, group: GroupedMD5
    ) throws {
        let isSmall = range.count <= S3StoreSettings.inMemoryBodyBytes
        let wantsMD5 = settings.contentDigest != .never || settings.comparesETag
        let wantsSHA256 =
            switch settings.payloadSigning {
            case .automatic: isSmall
            case .signed: true
            case .unsigned: false
            }
        guard !isSmall else {
            let bytes = try source.bytes(range)
            let digest = ContentDigest(of: bytes, md5: wantsMD5, sha256: wantsSHA256)
            self.init(.bytes(bytes), digest, declares: settings.contentDigest != .never)
            return
        }
        if let known = source.md5, range == 0..<source.sizeBytes, Self.declaresKnownMD5(of: source, settings) {
            self.init(.source(source, range: range), ContentDigest(md5: known), declares: true)
            return
        }
        guard proof == .declared || wantsSHA256 || !wantsMD5 else {
            self.init(HashingSource(source, range: range, group: group), range: range)
            return
        }
        let digest = try ContentDigest(of: source, range: range, md5: wantsMD5, sha256: wantsSHA256)
        self.init(.source(source, range: range), digest, declares: settings.contentDigest != .never)
    }

    /// A streamed body that is all of the source needs no pass over it to be proven.
    static func declaresKnownMD5(of source: any ObjectSource, _ settings: S3StoreSettings) -> Bool {
        source.md5 != nil && settings.contentDigest != .never && settings.payloadSigning != .signed
    }

    /// How the arrival of a streamed body is to be proven.
    enum Proof: Hashable, Sendable {
        /// `Content-MD5`: a pass over the source before it is sent.
        case declared
        /// The ETag of the answer, compared with a hash that is made while sending.
        case compared
    }
}
