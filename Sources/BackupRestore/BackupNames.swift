internal import ClusterMetadata
internal import HTTPAPI
internal import MasterServices
internal import TabletModel

/// Where a backup lies in a bucket; `docs/backup.md` draws it.
///
///     {root path}/{prefix}/meta/{label}.backup                              written last
///     {root path}/{prefix}/content/{label}/{cluster}.{job}.{attempt}/__{tablet}/{file}.{md5}
struct BackupNames: Hashable {
    /// Root path and prefix, without slashes at its ends.
    let base: String

    static let defaultPrefix = "backups"
    static let metaSuffix = ".backup"

    init(_ resource: StorageResource, prefix: String) {
        let root = resource.s3.rootPath.split(separator: "/").joined(separator: "/")
        base = root.isEmpty ? prefix : "\(root)/\(prefix)"
    }

    /// - Throws: `MasterError` for a prefix that would lie among cold rowsets, or climb.
    static func checked(prefix: String?) throws(MasterError) -> String {
        guard let prefix else { return defaultPrefix }
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false)
        let isClean = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy(isPrefixByte)
        }
        guard isClean, prefix.utf8.count <= 200, parts.first != "data" else {
            throw MasterError(
                .invalidArgument, "\"\(prefix.prefix(200))\" can't be the prefix of backups",
                nextStep:
                    "use up to 200 letters, digits, dots, dashes and underscores in parts with / between; the first "
                    + "part is not \"data\", where cold rows lie")
        }
        return prefix
    }

    private static func isPrefixByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    var metaPrefix: String { "\(base)/meta/" }
    func meta(_ label: String) -> String { metaPrefix + label + Self.metaSuffix }

    /// The label of a meta file; nil for another object.
    func label(ofMeta key: String) -> String? {
        guard key.hasPrefix(metaPrefix), key.hasSuffix(Self.metaSuffix) else { return nil }
        let label = key.dropFirst(metaPrefix.count).dropLast(Self.metaSuffix.count)
        return label.isEmpty || label.contains("/") ? nil : String(label)
    }

    /// Everything that this job ever uploads.
    func content(of job: BackupJob, cluster: Int32) -> String { "\(base)/content/\(job.label)/\(cluster).\(job.id)." }
    func folder(_ tablet: TabletID, of job: BackupJob, cluster: Int32) -> String {
        "\(content(of: job, cluster: cluster))\(job.attempt)/__\(tablet)"
    }
}

extension BackupPlace {
    /// As backends of both years read it.
    init(_ s3: S3Resource) {
        var properties = [
            "AWS_ENDPOINT": s3.endpoint, "AWS_ACCESS_KEY": s3.accessKey, "AWS_SECRET_KEY": s3.secretKey,
            "AWS_REGION": s3.region, "s3.endpoint": s3.endpoint, "s3.access_key": s3.accessKey,
            "s3.secret_key": s3.secretKey, "s3.region": s3.region,
            "use_path_style": s3.usePathStyle ? "true" : "false",
            "AWS_MAX_CONNECTIONS": String(s3.maxConnections),
        ]
        if let token = s3.sessionToken {
            properties["AWS_TOKEN"] = token
            properties["s3.session_token"] = token
        }
        self.init(type: .s3, properties: properties, location: "s3://\(s3.bucket)")
    }
}
