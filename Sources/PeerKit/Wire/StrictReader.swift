/// Reads TBinaryProtocol by a year's schema as that year's generated code does, and records what it would not take.
struct StrictReader {
    let schema: WireSchema
    let source: any ByteSource
    let findings: Findings
    /// Why the struct that is being read can't be: what `validate` of a Java reader says.
    private(set) var unreadable: [String] = []

    init(_ schema: WireSchema, _ source: any ByteSource, _ findings: Findings) {
        self.schema = schema
        self.source = source
        self.findings = findings
    }

    /// The largest string or container that the kit takes.
    private static let limit = 64 << 20

    mutating func structure(_ structure: WireStructure, at place: String) throws -> WireRecord {
        var record = WireRecord(structure.name)
        while true {
            let code = try byte()
            if code == 0 { break }
            let id = Int16(truncatingIfNeeded: try integer(2))
            guard let field = structure.field(id) else {
                findings.record(
                    .unknownField, "\(place) id \(id)",
                    "\(schema.structures[structure.name] == nil ? "method" : structure.name) has no field \(id)")
                try skip(code)
                continue
            }
            let where_ = "\(place).\(field.name)"
            guard field.type.code == nil || field.type.code == code else {
                findings.record(.wrongType, where_, "type code \(code), not \(field.type.code ?? 0)")
                try skip(code)
                continue
            }
            record.members[field.name] = try value(field.type, code, at: where_, isRequired: field.isRequired)
        }
        for field in structure.fields where field.isRequired && record.members[field.name] == nil {
            findings.record(.missingRequired, "\(place).\(field.name)", "\(structure.name) can't be read without it")
            unreadable.append("Required field '\(field.name)' was not present! Struct: \(structure.name)")
        }
        return record
    }

    /// nil: an enumeration's value that this year does not know.
    mutating func value(
        _ type: WireType, _ code: UInt8, at place: String, isRequired: Bool = false
    ) throws -> WireValue? {
        switch type {
        case .bool: return .flag(try byte() != 0)
        case .byte: return .number(Int64(Int8(bitPattern: try byte())))
        case .i16: return .number(try integer(2))
        case .i32: return .number(try integer(4))
        case .i64: return .number(try integer(8))
        case .double: return .real(Double(bitPattern: UInt64(bitPattern: try integer(8))))
        case .text: return .text(try text())
        case .enumeration(let name):
            let number = Int32(truncatingIfNeeded: try integer(4))
            guard schema.enums[name]?.allows(number) ?? true else {
                findings.record(
                    .unknownEnumValue, place, "\(name) has no \(number)\(isRequired ? ": required, so unreadable" : "")"
                )
                return nil
            }
            return .number(Int64(number))
        case .structure(let name):
            guard let known = schema.structures[name] else {
                try skip(code)
                return .record(WireRecord(name))
            }
            return .record(try structure(known, at: place))
        case .list(let element), .set(let element):
            let elementCode = try byte()
            let count = try size(at: place)
            try check(elementCode, element, count, at: place)
            var values: [WireValue] = []
            for _ in 0..<count {
                if let value = try value(element, elementCode, at: place + "[]") { values.append(value) }
            }
            return .list(values)
        case .map(let key, let element):
            let codes = (try byte(), try byte())
            let count = try size(at: place)
            try check(codes.0, key, count, at: place)
            try check(codes.1, element, count, at: place)
            var values: [WireValue: WireValue] = [:]
            for _ in 0..<count {
                let key = try value(key, codes.0, at: place + "{key}")
                let element = try value(element, codes.1, at: place + "{}")
                if let key, let element { values[key] = element }
            }
            return .map(values)
        case .anything:
            try skip(code)
            return .text("")
        }
    }

    private func check(_ code: UInt8, _ type: WireType, _ count: Int, at place: String) throws {
        guard count > 0, let wanted = type.code, wanted != code else { return }
        findings.record(.wrongType, place, "elements of type code \(code), not \(wanted)")
        throw WireEnd(description: "\(place) has elements of another type")
    }

    // MARK: What is not looked at

    private mutating func skip(_ code: UInt8, depth: Int = 0) throws {
        guard depth < 64 else { throw WireEnd(description: "too deep") }
        switch code {
        case 2, 3: _ = try source.read(1)
        case 6: _ = try source.read(2)
        case 8: _ = try source.read(4)
        case 4, 10: _ = try source.read(8)
        case 11: _ = try text()
        case 12:
            while true {
                let field = try byte()
                if field == 0 { break }
                _ = try source.read(2)
                try skip(field, depth: depth + 1)
            }
        case 13:
            let codes = (try byte(), try byte())
            for _ in 0..<(try size(at: "skipped map")) {
                try skip(codes.0, depth: depth + 1)
                try skip(codes.1, depth: depth + 1)
            }
        case 14, 15:
            let element = try byte()
            for _ in 0..<(try size(at: "skipped list")) { try skip(element, depth: depth + 1) }
        default: throw WireEnd(description: "no type has the code \(code)")
        }
    }

    // MARK: Bytes

    mutating func byte() throws -> UInt8 { try source.read(1).first ?? 0 }

    mutating func integer(_ width: Int) throws -> Int64 {
        let bits = try source.read(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let unused = 64 - width * 8
        return Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused)
    }

    mutating func text(length: Int? = nil) throws -> String {
        let count = try length ?? size(at: "string")
        return String(decoding: try source.read(count), as: UTF8.self)
    }

    private mutating func size(at place: String) throws -> Int {
        let count = Int(try integer(4))
        guard (0...Self.limit).contains(count) else {
            findings.record(.malformed, place, "size \(count)")
            throw WireEnd(description: "\(place) has the size \(count)")
        }
        return count
    }
}
