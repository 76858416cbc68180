/// TBinaryProtocol's type codes (`contract/wire.md` §1).
struct WireType: RawRepresentable, Equatable {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }

    static let stop = WireType(rawValue: 0)
    static let bool = WireType(rawValue: 2)
    static let byte = WireType(rawValue: 3)
    static let double = WireType(rawValue: 4)
    static let i16 = WireType(rawValue: 6)
    static let i32 = WireType(rawValue: 8)
    static let i64 = WireType(rawValue: 10)
    static let string = WireType(rawValue: 11)
    static let structure = WireType(rawValue: 12)
    static let map = WireType(rawValue: 13)
    static let set = WireType(rawValue: 14)
    static let list = WireType(rawValue: 15)

    /// Fewest bytes that a value of the type takes; nil for a code that no value has.
    var minimumBytes: Int? {
        switch self {
        case .bool, .byte: 1
        case .i16: 2
        case .i32, .string: 4
        case .double, .i64: 8
        case .structure: 1
        case .map: 6
        case .set, .list: 5
        default: nil
        }
    }

    /// True when every value of the type takes exactly `minimumBytes`.
    var isFixedSize: Bool {
        switch self {
        case .bool, .byte, .i16, .i32, .i64, .double: true
        default: false
        }
    }
}
