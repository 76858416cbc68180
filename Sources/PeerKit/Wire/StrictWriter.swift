/// A test would send what its own year's IDL does not have.
struct UnwritableError: Error, CustomStringConvertible {
    var description: String
}

/// Writes TBinaryProtocol by a year's schema. Members are written in the order of their ids.
struct StrictWriter {
    let schema: WireSchema
    private(set) var bytes: [UInt8] = []

    init(_ schema: WireSchema) { self.schema = schema }

    mutating func structure(_ record: WireRecord, as structure: WireStructure) throws {
        for field in structure.fields {
            guard let value = record.members[field.name] else {
                // A declared required member that is missing is the test's wish: some tasks are sent broken.
                continue
            }
            guard let code = field.type.code else { throw UnwritableError(description: "\(field.name) has no type") }
            byte(code)
            integer(Int64(field.id), 2)
            try self.value(value, field.type, at: "\(structure.name).\(field.name)")
        }
        if let unknown = record.members.keys.first(where: { structure.field(named: $0) == nil }) {
            throw UnwritableError(description: "\(structure.name) has no \(unknown)")
        }
        byte(0)
    }

    mutating func value(_ value: WireValue, _ type: WireType, at place: String) throws {
        switch (type, value) {
        case (.bool, .flag(let flag)): byte(flag ? 1 : 0)
        case (.byte, .number(let number)): integer(number, 1)
        case (.i16, .number(let number)): integer(number, 2)
        case (.i32, .number(let number)), (.enumeration, .number(let number)): integer(number, 4)
        case (.i64, .number(let number)): integer(number, 8)
        case (.double, .real(let real)): integer(Int64(bitPattern: real.bitPattern), 8)
        case (.text, .text(let text)): self.text(text)
        case (.structure(let name), .record(let record)):
            guard let known = schema.structures[name], record.type == name else {
                throw UnwritableError(description: "\(place) is a \(name), not a \(record.type)")
            }
            try structure(record, as: known)
        case (.list(let element), .list(let values)), (.set(let element), .list(let values)):
            byte(element.code ?? 12)
            integer(Int64(values.count), 4)
            for value in values { try self.value(value, element, at: place + "[]") }
        case (.map(let key, let element), .map(let values)):
            byte(key.code ?? 0)
            byte(element.code ?? 0)
            integer(Int64(values.count), 4)
            for (name, value) in values {
                try self.value(name, key, at: place + "{key}")
                try self.value(value, element, at: place + "{}")
            }
        default: throw UnwritableError(description: "\(place) is \(type), not \(value)")
        }
    }

    mutating func text(_ text: String) {
        integer(Int64(text.utf8.count), 4)
        bytes += text.utf8
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func integer(_ value: Int64, _ width: Int) {
        for shift in stride(from: (width - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
        }
    }
}
