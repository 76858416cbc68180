internal import HTTPAPI
internal import TabletModel

/// Judges where a storage resource is said to be, before anything is made of it. Whether the store agrees is asked of a
/// backend (`StorageTrial`).
enum ResourceCheck {
    static func check(_ request: CreateStorageResourceRequest) throws(MasterError) {
        try role(request.roleARN)
        try check(request.s3)
    }

    /// Doris has it beside the keys; ignored, a person would learn from the bucket's refusals that it was. A policy that a
    /// Doris FE sends a backend of ours may carry one and is taken: its keys are tried.
    static func role(_ arn: String?) throws(MasterError) {
        guard arn == nil else {
            throw invalid(
                "role_arn is not supported: backends open a bucket by an access key and its secret key alone",
                "leave role_arn out, and give keys that may put, get, list and delete there")
        }
    }

    static func check(_ s3: S3Resource) throws(MasterError) {
        try endpoint(s3.endpoint)
        try bucket(s3.bucket, isInHost: !s3.usePathStyle)
        try rootPath(s3.rootPath)
        try text(s3.region, "region", "give one such as us-east-1")
        try text(s3.accessKey, "access key", "give the access key")
        try text(s3.secretKey, "secret key", "give the secret key")
        if let token = s3.sessionToken { try text(token, "session token", "give it whole, or none") }
        try range(s3.maxConnections, 1...10_000, "connections")
        try range(s3.requestTimeoutMs, 100...3_600_000, "ms of request timeout")
        try range(s3.connectTimeoutMs, 100...600_000, "ms of connect timeout")
    }

    /// `http://host:port`, `https://host` or `host[:port]`: no user, path or query.
    private static func endpoint(_ endpoint: String) throws(MasterError) {
        let step = "give http[s]://host[:port]"
        guard !endpoint.isEmpty else { throw invalid("a storage resource needs an endpoint", step) }
        guard endpoint.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw invalid("the endpoint holds a blank or a character that no URL has", step)
        }
        // Never shown: it may hold a password.
        guard !endpoint.contains("@") else {
            throw invalid("the endpoint holds a user or a password", "\(step), and the keys as keys")
        }
        var rest = endpoint[...]
        if let colon = endpoint.firstIndex(of: ":"), endpoint[colon...].hasPrefix("://") {
            let scheme = endpoint[..<colon].lowercased()
            guard scheme == "http" || scheme == "https" else {
                throw invalid(
                    "endpoint \(endpoint) has the scheme \(scheme), and S3 is spoken over http or https", step)
            }
            rest = endpoint[colon...].dropFirst(3)
        }
        if rest.last == "/" { rest.removeLast() }
        if let sign = rest.first(where: { "/?#".contains($0) }) {
            throw invalid(
                "endpoint \(endpoint) goes on after its host with \(sign)",
                "\(step); buckets and prefixes have options of their own")
        }
        try authority(rest, of: endpoint, step)
    }

    private static func authority(_ text: Substring, of endpoint: String, _ step: String) throws(MasterError) {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw invalid("endpoint \(endpoint) has no ] after its [", step)
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.first == ":" else {
                throw invalid("endpoint \(endpoint) goes on after its ]", step)
            }
            port = after.isEmpty ? nil : after.dropFirst()
            guard host.contains(":"),
                host.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { throw invalid("[\(host)] of endpoint \(endpoint) is no IPv6 address", step) }
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw invalid("endpoint \(endpoint) has several colons: an IPv6 address stands in brackets", step)
            }
            host = parts[0]
            port = parts.count == 2 ? parts[1] : nil
            guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else {
                throw invalid("\"\(host)\" of endpoint \(endpoint) can't be a host name", step)
            }
        }
        if let port {
            guard let number = UInt16(port), number > 0 else {
                throw invalid("\"\(port)\" of endpoint \(endpoint) is no port", step)
            }
        }
    }

    /// S3's rule (3 to 63 letters, digits, dots, dashes) and what other servers allow beyond it.
    private static func bucket(_ bucket: String, isInHost: Bool) throws(MasterError) {
        let step = "give the bucket's name alone; --root-path is for what comes behind it"
        guard !bucket.isEmpty else { throw invalid("a storage resource needs a bucket", step) }
        guard (1...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(isHostByte) else {
            throw invalid("\"\(bucket)\" can't be a bucket: up to 63 letters, digits, dots and dashes", step)
        }
        if isInHost, bucket.contains("_") {
            throw invalid("bucket \(bucket) can't be part of a host name", "use path style")
        }
    }

    private static func rootPath(_ path: String) throws(MasterError) {
        guard path.utf8.count <= 512, path.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw invalid(
                "the root path is longer than 512 bytes or holds a character that can't be shown", "give a plain prefix"
            )
        }
        let parts = path.split(separator: "/")
        guard !parts.contains("."), !parts.contains("..") else {
            throw invalid(
                "root path \(path) holds . or .., which servers resolve in their own ways", "give a plain prefix")
        }
    }

    private static func text(_ text: String, _ what: String, _ step: String) throws(MasterError) {
        guard !text.isEmpty else { throw invalid("the \(what) is empty", step) }
        guard text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw invalid("the \(what) holds a blank, or a character that is not ASCII", step)
        }
    }

    private static func range(_ value: Int32, _ allowed: ClosedRange<Int32>, _ what: String) throws(MasterError) {
        guard allowed.contains(value) else {
            throw invalid("\(value) \(what) can't work", "give \(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func invalid(_ message: String, _ nextStep: String) -> MasterError {
        MasterError(.invalidArgument, message, nextStep: nextStep)
    }
}
