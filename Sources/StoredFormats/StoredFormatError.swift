/// Bytes that are not the record they should be. Names the record, so that a person knows where to look.
public struct StoredFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Cause: Hashable, Sendable {
        /// Too short, or without the checksum at its end.
        case noChecksum
        case checksumMismatch(stored: UInt32, computed: UInt32)
        /// The checksum is right, the message is not: a bug of the writer.
        case notParsable(String)
        case missingField(String)
        case invalidField(String, value: String)
        /// Written by a newer build.
        case newerFormat(found: UInt32, supported: UInt32)
    }

    /// What and whose it is: "tablet header 10005".
    public var record: String
    public var cause: Cause

    public init(_ record: String, _ cause: Cause) {
        self.record = record
        self.cause = cause
    }

    public var description: String {
        switch cause {
        case .noChecksum: "\(record) is corrupt: it does not end in its checksum"
        case .checksumMismatch(let stored, let computed):
            "\(record) is corrupt: stored checksum \(String(stored, radix: 16)), computed \(String(computed, radix: 16))"
        case .notParsable(let reason): "\(record) can't be parsed: \(reason)"
        case .missingField(let name): "\(record) lacks its field \(name)"
        case .invalidField(let name, let value): "\(record) has \(value) in its field \(name)"
        case .newerFormat(let found, let supported):
            "\(record) has format version \(found), this build reads up to \(supported): start a newer build"
        }
    }
}
