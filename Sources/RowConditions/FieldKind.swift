internal import TabletModel

/// How the fields of a column are read and compared. A field is text; what its column's type makes of it:
///
/// - BOOLEAN: `true`, `false`, `1`, `0`, in any case.
/// - TINYINT to LARGEINT: digits with a sign, within the type's range.
/// - FLOAT, DOUBLE: digits with point and exponent, finite.
/// - DECIMAL of any width: digits with a point, compared exactly; 38 digits before the point and 38 behind it.
/// - DATE, DATETIME: `FieldKind+Dates`.
/// - CHAR, VARCHAR, STRING: the bytes as they are, compared bytewise.
///
/// Blanks and a carriage return around a value that is no text don't count. A field that is empty or `\N` is null in every
/// column. What can't be read so is no value at all, and no condition holds for it.
enum FieldKind: Hashable, Sendable {
    case boolean
    case integer(ClosedRange<Int128>)
    case real(isSingle: Bool)
    case decimal
    case date
    case dateTime
    case text

    /// nil: fields of the type are not compared.
    init?(_ type: PrimitiveType) {
        switch type {
        case .boolean: self = .boolean
        case .tinyInt: self = .integer(Int128(Int8.min)...Int128(Int8.max))
        case .smallInt: self = .integer(Int128(Int16.min)...Int128(Int16.max))
        case .int: self = .integer(Int128(Int32.min)...Int128(Int32.max))
        case .bigInt: self = .integer(Int128(Int64.min)...Int128(Int64.max))
        case .largeInt: self = .integer(Int128.min...Int128.max)
        case .float: self = .real(isSingle: true)
        case .double: self = .real(isSingle: false)
        case .decimalV2, .decimal32, .decimal64, .decimal128: self = .decimal
        case .date, .dateV2: self = .date
        case .dateTime, .dateTimeV2: self = .dateTime
        case .char, .varchar, .string: self = .text
        default: return nil
        }
    }

    /// The key of a field that is not null and no text; nil when it can't be read as the type.
    func key(of field: UnsafeRawBufferPointer) -> FieldKey? {
        let bytes = trimmed(field)
        switch self {
        case .boolean: return Self.boolean(bytes).map { FieldKey($0 ? 1 : 0) }
        case .integer(let range):
            guard let value = Self.integer(bytes), range.contains(value) else { return nil }
            return FieldKey(value)
        case .real(let isSingle): return Self.real(bytes, isSingle: isSingle).map { FieldKey(Self.place(of: $0)) }
        case .decimal: return Self.decimal(bytes)
        case .date: return Self.moment(bytes, isDate: true).map { FieldKey(Int128($0)) }
        case .dateTime: return Self.moment(bytes, isDate: false).map { FieldKey(Int128($0)) }
        case .text: return nil
        }
    }
}

/// A field that says nothing.
@inline(__always)
func isNull(_ field: UnsafeRawBufferPointer) -> Bool {
    field.isEmpty || (field.count == 2 && field[0] == UInt8(ascii: "\\") && field[1] == UInt8(ascii: "N"))
}

private func trimmed(_ field: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, field.count)
    while start < end, isBlank(field[start]) { start += 1 }
    while start < end, isBlank(field[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: field[start..<end])
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0D || byte == 0x09 }
