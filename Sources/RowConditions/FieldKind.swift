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
enum FieldKind: Hashable, Sendable, BitwiseCopyable {
    case boolean
    case integer(lowest: Int64, highest: Int64)
    case largeInteger
    case real(isSingle: Bool)
    case decimal
    case date
    case dateTime
    case text

    /// nil: fields of the type are not compared.
    init?(_ type: PrimitiveType) {
        switch type {
        case .boolean: self = .boolean
        case .tinyInt: self = .integer(Int8.self)
        case .smallInt: self = .integer(Int16.self)
        case .int: self = .integer(Int32.self)
        case .bigInt: self = .integer(Int64.self)
        case .largeInt: self = .largeInteger
        case .float: self = .real(isSingle: true)
        case .double: self = .real(isSingle: false)
        case .decimalV2, .decimal32, .decimal64, .decimal128: self = .decimal
        case .date, .dateV2: self = .date
        case .dateTime, .dateTimeV2: self = .dateTime
        case .char, .varchar, .string: self = .text
        default: return nil
        }
    }

    private static func integer<Type: FixedWidthInteger>(_: Type.Type) -> FieldKind {
        .integer(lowest: Int64(Type.min), highest: Int64(Type.max))
    }

    /// Its keys are whole numbers of 64 bits.
    var isNarrow: Bool {
        switch self {
        case .boolean, .integer, .real, .date, .dateTime: true
        case .largeInteger, .decimal, .text: false
        }
    }

    /// The key of a field that is not null and no text; nil when it can't be read as the type.
    func key(of field: UnsafeRawBufferPointer) -> FieldKey? {
        switch self {
        case .largeInteger: Self.integer(trimmed(field)).map { FieldKey($0) }
        case .decimal: Self.decimal(trimmed(field))
        default: trimmedKey(of: field).map { FieldKey(Int128($0)) }
        }
    }

    /// As `key(of:)`, for a narrow kind.
    @inline(__always)
    func narrowKey(of field: RowField) -> Int64? {
        // As nearly all are written. What is written otherwise, with blanks around it or not at all, is looked at once more.
        switch self {
        case .integer(let lowest, let highest):
            if let value = Self.usualInteger(field) { return value >= lowest && value <= highest ? value : nil }
        case .dateTime:
            if let moment = Self.usualMoment(field.bytes) { return moment }
        default: break
        }
        return trimmedKey(of: field.bytes)
    }

    @inline(never)
    private func trimmedKey(of field: UnsafeRawBufferPointer) -> Int64? {
        let bytes = trimmed(field)
        switch self {
        case .boolean: return Self.boolean(bytes).map { $0 ? 1 : 0 }
        case .integer(let lowest, let highest):
            guard let value = Self.integer(bytes), value >= lowest, value <= highest else { return nil }
            return Int64(value)
        case .real(let isSingle): return Self.real(bytes, isSingle: isSingle).map { Self.place(of: $0) }
        case .date: return Self.moment(bytes, isDate: true)
        case .dateTime: return Self.moment(bytes, isDate: false)
        case .largeInteger, .decimal, .text: return nil
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
