internal import SwiftProtobuf
public import TabletModel

/// The index policies that an FE pushed, as each data dir keeps a copy of them. Format version 1.
public struct IndexPoliciesRecord: Hashable, Sendable {
    public static let formatVersion: UInt32 = 1
    private static let record = "index policies record"

    /// Of the copies in several data dirs the one with the highest counts.
    public var sequence: UInt64
    /// By id.
    public var policies: [IndexPolicy]

    public init(sequence: UInt64, policies: [IndexPolicy]) {
        self.sequence = sequence
        self.policies = policies
    }

    public func encoded() throws(StoredFormatError) -> [UInt8] {
        var message = PBIndexPolicies()
        message.formatVersion = Self.formatVersion
        message.sequence = sequence
        message.policies = policies.map { policy in
            var stored = PBIndexPolicy()
            stored.id = policy.id
            stored.name = policy.name
            stored.kind = policy.kind
            stored.properties = policy.properties
            return stored
        }
        return try RecordEnvelope.seal(message, record: Self.record)
    }

    public init(decoding bytes: UnsafeRawBufferPointer) throws(StoredFormatError) {
        let message = try RecordEnvelope.open(bytes, as: PBIndexPolicies.self, record: Self.record)
        try RecordEnvelope.check(
            version: message.formatVersion, supported: Self.formatVersion, record: Self.record)
        sequence = message.sequence
        policies = message.policies.map {
            IndexPolicy(id: $0.id, name: $0.name, kind: $0.kind, properties: $0.properties)
        }
    }
}
