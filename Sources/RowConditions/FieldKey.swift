/// Where a value stands among the values of its column's type, of whatever type but text: keys of one type compare as the
/// values do, and are equal for the same value however it was written.
struct FieldKey: IntervalEdge {
    var high: Int128
    /// What lies between two values of `high`: the fraction of a decimal, in units of 10^-38.
    var low: UInt128 = 0

    init(_ high: Int128, _ low: UInt128 = 0) {
        self.high = high
        self.low = low
    }

    static func < (one: FieldKey, other: FieldKey) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }

    static let least = FieldKey(.min)
    /// Of no type is `low` the largest number there is.
    var next: FieldKey { FieldKey(high, low + 1) }

    /// The least whole number of 64 bits that is not below; nil when there is none.
    var ceiling: Int64? {
        let whole = low == 0 ? high : high.addingReportingOverflow(1).partialValue
        guard whole >= high, whole <= Int128(Int64.max) else { return nil }
        return Int64(max(whole, Int128(Int64.min)))
    }
}

/// A text by its bytes.
struct TextKey: IntervalEdge {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func < (one: TextKey, other: TextKey) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }

    static let least = TextKey([])
    var next: TextKey { TextKey(bytes + [0]) }
}
