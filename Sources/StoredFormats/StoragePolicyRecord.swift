internal import SwiftProtobuf
public import TabletModel

/// A storage policy as a data dir's meta store keeps it (`sp_{name}`), so that cooling goes on after a restart before the
/// master has answered. Format version 2; version 1 was no protobuf, and is read (`FixedStoragePolicyRecord`).
public struct StoragePolicyRecord: Hashable, Sendable {
    public var name: String
    public var cooldownAt: UnixTime?
    public var cooldownTTLSeconds: Int64?
    public var checksum: String
    /// The resource it points to, as `StorageResourceRecord.key`; nil: it came without one.
    public var resource: String?
    /// Rises with each change here; of two dirs' records the higher one is the newer.
    public var revision: UInt64
    /// Of an FE that pushes policies by id, the `name` of this record: the policy's version there. nil: it came by its name.
    public var version: Int64?
    /// The name of a policy that came by id.
    public var label: String

    public init(
        name: String, cooldownAt: UnixTime? = nil, cooldownTTLSeconds: Int64? = nil, checksum: String = "",
        resource: String? = nil, revision: UInt64 = 0, version: Int64? = nil, label: String = ""
    ) {
        self.name = name
        self.cooldownAt = cooldownAt
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.checksum = checksum
        self.resource = resource
        self.revision = revision
        self.version = version
        self.label = label
    }

    public static let formatVersion: UInt32 = 2

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBStoragePolicyRecord()
        message.formatVersion = Self.formatVersion
        message.revision = revision
        message.name = name
        if let cooldownAt { message.cooldownAtMs = cooldownAt.milliseconds }
        if let cooldownTTLSeconds { message.cooldownTtlSeconds = cooldownTTLSeconds }
        message.checksum = checksum
        if let resource { message.resourceID = resource }
        if let version {
            message.version = version
            message.label = label
        }
        return try RecordEnvelope.seal(message, record: "storage policy record \(name)")
    }

    /// - Parameter name: for errors, which never carry the content.
    public init(decoding bytes: UnsafeRawBufferPointer, name: String) throws(StoredFormatError) {
        let record = "storage policy record \(name)"
        let message = try RecordEnvelope.open(bytes, as: PBStoragePolicyRecord.self, record: record)
        try RecordEnvelope.check(version: message.formatVersion, supported: Self.formatVersion, record: record)
        guard !message.name.isEmpty else { throw StoredFormatError(record, .missingField("name")) }
        self.init(
            name: message.name,
            cooldownAt: message.hasCooldownAtMs ? UnixTime(milliseconds: message.cooldownAtMs) : nil,
            cooldownTTLSeconds: message.hasCooldownTtlSeconds ? message.cooldownTtlSeconds : nil,
            checksum: message.checksum, resource: message.hasResourceID ? message.resourceID : nil,
            revision: message.revision, version: message.hasVersion ? message.version : nil, label: message.label)
    }
}
