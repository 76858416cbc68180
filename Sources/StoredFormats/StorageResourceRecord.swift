internal import SwiftProtobuf
public import TabletModel

/// A storage resource as a data dir's meta store keeps it (`sr_{resource}`), so that cold rowsets can be read after a
/// restart before the master has answered. Format version 1.
///
/// The record holds the secret key in clear: data dirs belong to the daemon's user alone, mode 0700.
public struct StorageResourceRecord: Hashable, Sendable {
    /// What rowsets name: the id in digits, or the place where the master gave it no id.
    public var key: String
    public var name: String
    public var version: Int64
    public var s3: S3Resource
    /// Names by which rowsets may call it, as the master says.
    public var policyNames: [String]
    /// The same, as this backend knew it itself.
    public var formerNames: [String]
    /// Rises with each change here; of two dirs' records the higher one is the newer.
    public var revision: UInt64

    public init(
        key: String, name: String = "", version: Int64 = 0, s3: S3Resource, policyNames: [String] = [],
        formerNames: [String] = [], revision: UInt64 = 0
    ) {
        self.key = key
        self.name = name
        self.version = version
        self.s3 = s3
        self.policyNames = policyNames
        self.formerNames = formerNames
        self.revision = revision
    }

    public static let formatVersion: UInt32 = 1

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBStorageResourceRecord()
        message.formatVersion = Self.formatVersion
        message.revision = revision
        message.resourceID = key
        message.version = version
        message.name = name
        message.endpoint = s3.endpoint
        message.region = s3.region
        message.accessKey = s3.accessKey
        message.secretKey = s3.secretKey
        if let token = s3.sessionToken { message.sessionToken = token }
        message.bucket = s3.bucket
        message.rootPath = s3.rootPath
        message.usePathStyle = s3.usePathStyle
        message.maxConnections = s3.maxConnections
        message.requestTimeoutMs = s3.requestTimeoutMs
        message.connectTimeoutMs = s3.connectTimeoutMs
        message.policyNames = policyNames
        message.formerNames = formerNames
        return try RecordEnvelope.seal(message, record: "storage resource record \(key)")
    }

    /// - Parameter name: for errors, which never carry the content.
    public init(decoding bytes: UnsafeRawBufferPointer, name: String) throws(StoredFormatError) {
        let record = "storage resource record \(name)"
        let message = try RecordEnvelope.open(bytes, as: PBStorageResourceRecord.self, record: record)
        try RecordEnvelope.check(version: message.formatVersion, supported: Self.formatVersion, record: record)
        guard !message.resourceID.isEmpty else { throw StoredFormatError(record, .missingField("resource_id")) }
        self.init(
            key: message.resourceID, name: message.name, version: message.version,
            s3: S3Resource(
                endpoint: message.endpoint, region: message.region, accessKey: message.accessKey,
                secretKey: message.secretKey, sessionToken: message.hasSessionToken ? message.sessionToken : nil,
                bucket: message.bucket, rootPath: message.rootPath, usePathStyle: message.usePathStyle,
                maxConnections: message.maxConnections, requestTimeoutMs: message.requestTimeoutMs,
                connectTimeoutMs: message.connectTimeoutMs),
            policyNames: message.policyNames, formerNames: message.formerNames, revision: message.revision)
    }
}
