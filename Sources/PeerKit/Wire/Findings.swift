internal import Synchronization

/// What a peer of the kit has seen that a Doris peer of its year can't read, does not know, or would repeat for ever.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The year's IDL has no such field.
        case unknownField
        case unknownMethod
        /// In an optional member it is read as absent; in a required one the struct can't be read.
        case unknownEnumValue
        case missingRequired
        case wrongType
        case malformed
        /// The peer does otherwise than the contract says.
        case conduct
        /// A process of the year would have ended.
        case processEnd
    }
    public var kind: Kind
    /// Method, struct and field.
    public var place: String
    public var what: String

    public var description: String { "\(kind): \(place): \(what)" }
}

/// The findings of one peer, counted.
public final class Findings: Sendable {
    private let counts = Mutex<[Finding: Int]>([:])
    /// Different ones that are kept.
    private static let limit = 500

    public init() {}

    public func record(_ kind: Finding.Kind, _ place: String, _ what: String) {
        counts.withLock { counts in
            let finding = Finding(kind: kind, place: place, what: what)
            guard counts[finding] != nil || counts.count < Self.limit else { return }
            counts[finding, default: 0] += 1
        }
    }

    public func clear() { counts.withLock { $0 = [:] } }

    public var all: [Finding: Int] { counts.withLock { $0 } }

    /// One a line with its count, sorted.
    public var lines: [String] { all.map { "\($0.key) (×\($0.value))" }.sorted() }

    public func contains(_ kind: Finding.Kind, _ place: String) -> Bool {
        all.keys.contains { $0.kind == kind && $0.place.hasSuffix(place) }
    }
}
