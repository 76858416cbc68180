internal import ByteText
internal import TabletModel

/// Where a bucket is: turns keys into URLs.
struct S3Location: Sendable {
    let bucket: String
    /// `http://host:port` or `http://bucket.host:port`, without a slash at the end.
    let base: String
    /// `/bucket` in path style, empty in virtual-host style.
    let bucketPath: String
    /// In front of every key; empty or ending in "/".
    let keyPrefix: String

    init(_ resource: S3Resource) throws(S3ConfigurationError) {
        let (scheme, authority) = try S3Location.parse(endpoint: resource.endpoint)
        let bucket = resource.bucket
        self.bucket = bucket
        guard !bucket.isEmpty, !bucket.contains("/") else {
            throw S3ConfigurationError("bucket name \"\(bucket)\" is empty or holds a slash")
        }
        if resource.usePathStyle {
            base = scheme + authority
            bucketPath = "/" + PercentEncoding.encode(bucket)
        } else {
            guard bucket.utf8.allSatisfy(S3Location.isHostCharacter) else {
                throw S3ConfigurationError("bucket name \"\(bucket)\" can't be part of a host name: use path style")
            }
            base = scheme + bucket + "." + authority
            bucketPath = ""
        }
        let root = resource.rootPath.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
        keyPrefix = root.isEmpty ? "" : root + "/"
    }

    /// `http://host:port`, `https://host`, or a bare `host[:port]`, which means https.
    private static func parse(endpoint: String) throws(S3ConfigurationError) -> (scheme: String, authority: String) {
        var rest = endpoint[...]
        var scheme = "https://"
        for known in ["http://", "https://"] where rest.lowercased().hasPrefix(known) {
            scheme = known
            rest = rest.dropFirst(known.count)
        }
        while rest.last == "/" { rest.removeLast() }
        let isAllowed: (UInt8) -> Bool = {
            isHostCharacter($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]")
        }
        guard !rest.isEmpty, rest.utf8.allSatisfy(isAllowed) else {
            throw S3ConfigurationError("S3 endpoint \"\(endpoint)\" is not http[s]://host[:port]")
        }
        return (scheme, String(rest))
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// - Parameters:
    ///   - key: without the root path; nil for the bucket itself.
    ///   - query: in any order; a value may be empty (`uploads=`).
    func url(key: String?, query: [(name: String, value: String)] = []) -> String {
        var url = base + bucketPath + "/"
        if let key { url += PercentEncoding.encodePath(keyPrefix + key) }
        // curl 7.88 signs the query in the order it is given; the server sorts it.
        let pairs = query.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }.sorted()
        return pairs.isEmpty ? url : url + "?" + pairs.joined(separator: "&")
    }
}
