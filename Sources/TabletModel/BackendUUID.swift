/// Who a backend is: a UUID that its data dirs keep for as long as they live. Addresses may change, and several may mean
/// the same process; a copy of the data dirs has the same.
public struct BackendUUID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// In small letters.
    private let text: String

    /// nil for what is no UUID of 36 characters: of a damaged file, or of a peer.
    public init?(text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (place, byte) in bytes.enumerated() {
            let isHyphenPlace = [8, 13, 18, 23].contains(place)
            let isDigit = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
            guard isHyphenPlace ? byte == 0x2D : isDigit else { return nil }
        }
        self.text = text.lowercased()
    }

    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let uuid = Self(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = uuid
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
