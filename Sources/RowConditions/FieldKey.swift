/// Where a value stands among the values of its column's type, of whatever type but text: keys of one type compare as the
/// values do, and are equal for the same value however it was written.
struct FieldKey: Comparable, Hashable, Sendable {
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
}
