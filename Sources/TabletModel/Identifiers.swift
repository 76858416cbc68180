internal import ByteText

/// A 64-bit id given by the FE. Each kind is a type of its own, so that a replica id never stands where a tablet id belongs.
public protocol Identifier: RawRepresentable<Int64>, Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    init(rawValue: Int64)
}

extension Identifier {
    @inlinable public init(_ rawValue: Int64) { self.init(rawValue: rawValue) }
    @inlinable public init(integerLiteral value: Int64) { self.init(rawValue: value) }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }

    /// Parses decimal text; nil for anything else.
    public init?(text: some StringProtocol) {
        guard let value = Int64(text) else { return nil }
        self.init(rawValue: value)
    }
}

/// One tablet: a hash bucket of one partition of one index, the same in all its replicas.
public struct TabletID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// One copy of a tablet on one backend.
public struct ReplicaID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

public struct DatabaseID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

public struct TableID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

public struct PartitionID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A materialised index of a partition; the base index is the table itself.
public struct IndexID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

public struct BackendID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// One load, from its PUSH tasks to its publish.
public struct TransactionID: Identifier {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The number that tells two schemas of one tablet apart.
public struct SchemaHash: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public init(integerLiteral value: Int32) { self.rawValue = value }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// A random 128-bit id: a tablet's uid, a cooldown meta id, a load id.
public struct UniqueID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let high: Int64
    public let low: Int64

    @inlinable public init(high: Int64, low: Int64) {
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits with a dash between the halves.
    public var description: String {
        Hexadecimal.text(UInt64(bitPattern: high)) + "-" + Hexadecimal.text(UInt64(bitPattern: low))
    }
}

/// Names a rowset for ever; a rewritten rowset gets a new one, so its files never collide with old ones.
///
/// The text form is Doris': 48 lower-case hexadecimal digits (high, middle, low), the top byte of `high` is the id
/// version 2 (`contract/wire.md` §10). File and object names are made of it.
public struct RowsetID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let high: UInt64
    public let middle: UInt64
    public let low: UInt64

    @inlinable public init(high: UInt64, middle: UInt64, low: UInt64) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// A new id from 184 random bits.
    public init(randomHigh: UInt64, middle: UInt64, low: UInt64) {
        self.init(high: (2 << 56) | (randomHigh & 0x00FF_FFFF_FFFF_FFFF), middle: middle, low: low)
    }

    public init?(text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 48 else { return nil }
        var parts: [UInt64] = []
        for part in 0..<3 {
            guard let value = parseHex(digits[(part * 16)..<(part * 16 + 16)]) else { return nil }
            parts.append(value)
        }
        self.init(high: parts[0], middle: parts[1], low: parts[2])
    }

    public var description: String { Hexadecimal.text(high) + Hexadecimal.text(middle) + Hexadecimal.text(low) }
}

private func parseHex(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
        default: return nil
        }
    }
    return value
}
