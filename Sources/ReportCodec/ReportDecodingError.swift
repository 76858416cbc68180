/// Why bytes are no `TReportRequest`. Offsets count from the first of the bytes given.
public enum ReportDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes end inside a value.
    case truncated(offset: Int)
    /// A type code that the protocol does not have, or a container of another type than the contract's.
    case badType(UInt8, offset: Int)
    /// A length below zero, or one that the bytes left can't hold.
    case badSize(Int32, offset: Int)
    /// Structs and containers nested deeper than `ReportDecoder.nestingLimit`.
    case tooDeep(offset: Int)
    case missingField(structure: String, field: String, offset: Int)
    /// A map entry's key and the tablet id inside it differ.
    case keyMismatch(key: Int64, tabletID: Int64, offset: Int)
    /// A list of tablets before the map of them, which alone counts.
    case listBeforeMap(offset: Int)
    /// Bytes after the struct.
    case trailingBytes(offset: Int)

    public var description: String {
        switch self {
        case .truncated(let offset): "report ends inside a value at byte \(offset)"
        case .badType(let code, let offset): "report has the unexpected type code \(code) at byte \(offset)"
        case .badSize(let size, let offset): "report claims the size \(size) at byte \(offset), which can't be"
        case .tooDeep(let offset): "report nests deeper than \(ReportDecoder.nestingLimit) levels at byte \(offset)"
        case .missingField(let structure, let field, let offset):
            "report: \(structure) ends at byte \(offset) without its required field \(field)"
        case .keyMismatch(let key, let tabletID, let offset):
            "report: map key \(key) stands for tablet \(tabletID) at byte \(offset)"
        case .listBeforeMap(let offset):
            "report carries its tablets twice: a list, and behind it a map at byte \(offset)"
        case .trailingBytes(let offset): "report has bytes after its end at byte \(offset)"
        }
    }
}
