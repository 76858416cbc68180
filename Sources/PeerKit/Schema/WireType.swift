/// A type of the IDL.
public indirect enum WireType: Hashable, Sendable {
    case bool, byte, i16, i32, i64, double, text
    case enumeration(String)
    case structure(String)
    case list(WireType)
    case set(WireType)
    case map(WireType, WireType)
    /// The contract gives no type: whatever comes is skipped.
    case anything

    /// Its type code of TBinaryProtocol; nil = any.
    var code: UInt8? {
        switch self {
        case .bool: 2
        case .byte: 3
        case .double: 4
        case .i16: 6
        case .i32, .enumeration: 8
        case .i64: 10
        case .text: 11
        case .structure: 12
        case .map: 13
        case .set: 14
        case .list: 15
        case .anything: nil
        }
    }
}

/// One member of a struct, or one argument of a method.
public struct WireField: Hashable, Sendable {
    public var id: Int16
    public var name: String
    public var type: WireType
    public var isRequired: Bool
}

/// The values of an enumeration.
public struct WireEnum: Hashable, Sendable {
    /// nil: any value is allowed.
    public var values: [Int32: String]?

    func allows(_ value: Int32) -> Bool { values.map { $0[value] != nil } ?? true }
}

public struct WireStructure: Hashable, Sendable {
    public var name: String
    public var fields: [WireField]

    func field(_ id: Int16) -> WireField? { fields.first { $0.id == id } }
    func field(named name: String) -> WireField? { fields.first { $0.name == name } }
}

public struct WireMethod: Hashable, Sendable {
    public var name: String
    public var arguments: WireStructure
    /// nil: nothing is answered (a oneway call).
    public var result: WireType?
}
