internal import Platform
internal import TabletModel

/// A folder in a bucket: `s3://bucket/key`.
struct RemoteFolder: Hashable, Sendable {
    let bucket: String
    /// Without slashes at its ends.
    let key: String

    /// - Throws: `BackupError.invalid`.
    init(_ path: String) throws(BackupError) {
        guard path.hasPrefix("s3://") else {
            throw .invalid("\"\(path.prefix(200))\" is not s3://bucket/folder, where a backup in S3 lies")
        }
        let parts = path.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true)
        let isClean = parts.allSatisfy { part in
            part != "." && part != ".." && part.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        }
        guard parts.count >= 2, isClean, path.utf8.count <= 900 else {
            throw .invalid(
                "\"\(path.prefix(200))\" names no folder of a backup: it needs a bucket and a folder of at most 900 bytes "
                    + "in all, without . and ..")
        }
        bucket = String(parts[0])
        key = parts.dropFirst().joined(separator: "/")
    }

    /// Everything below it.
    var prefix: String { key + "/" }
    func key(of name: some CustomStringConvertible) -> String { "\(key)/\(name)" }
    var description: String { "s3://\(bucket)/\(key)" }
}

extension BackupPlace {
    /// What opens a bucket of the place. Takes the properties of both years: `AWS_ENDPOINT` and so on, or `s3.endpoint`.
    /// - Throws: `BackupError`: another kind of storage than S3, or properties that lack something. Never says a value.
    func resource(bucket: String) throws(BackupError) -> S3Resource {
        guard type == .s3 else {
            throw .notImplemented(
                "backups lie in S3 here; storage of kind \(type) is not implemented: give the repository S3 properties")
        }
        let endpoint = try required("endpoint", "AWS_ENDPOINT", "s3.endpoint")
        let accessKey = try required("access key", "AWS_ACCESS_KEY", "s3.access_key")
        let secretKey = try required("secret key", "AWS_SECRET_KEY", "s3.secret_key")
        return S3Resource(
            endpoint: endpoint, region: value("AWS_REGION", "s3.region") ?? "us-east-1", accessKey: accessKey,
            secretKey: secretKey, sessionToken: value("AWS_TOKEN", "s3.session_token"), bucket: bucket,
            usePathStyle: value("use_path_style", "s3.use_path_style").map { $0.lowercased() == "true" } ?? false,
            maxConnections: number("AWS_MAX_CONNECTIONS", "s3.connection.maximum", 1...1000) ?? 50,
            requestTimeoutMs: number("AWS_REQUEST_TIMEOUT_MS", "s3.connection.request.timeout", 100...600_000)
                ?? 30_000,
            connectTimeoutMs: number("AWS_CONNECTION_TIMEOUT_MS", "s3.connection.timeout", 100...600_000) ?? 5_000)
    }

    private func required(_ what: String, _ names: String...) throws(BackupError) -> String {
        for name in names {
            if let value = properties[name], !value.isEmpty { return value }
        }
        throw .invalid("the backup's place lacks its \(what): \(names.joined(separator: " or ")) among its properties")
    }

    private func value(_ names: String...) -> String? {
        names.lazy.compactMap { properties[$0] }.first { !$0.isEmpty }
    }

    private func number(_ old: String, _ new: String, _ allowed: ClosedRange<Int32>) -> Int32? {
        value(old, new).flatMap { Int32($0) }.map { min(max($0, allowed.lowerBound), allowed.upperBound) }
    }
}
