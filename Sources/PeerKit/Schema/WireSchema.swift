/// The IDL of one year as data, read once from the texts beside this file. They are written from the wire contract and
/// share nothing with the IDL that the daemons are built from: what one side misread, the other does not.
public struct WireSchema: Sendable {
    public var enums: [String: WireEnum] = [:]
    public var structures: [String: WireStructure] = [:]
    public var services: [String: [String: WireMethod]] = [:]
    private var aliases: [String: String] = [:]
    /// Named before they are declared: aliases first, then enumerations, then the rest.
    private var declarations: [Declaration] = []

    public static let january2023 = WireSchema([enums2023, agentStructs2023, sharedStructs2023, services2023])
    public static let year2026 = WireSchema([
        enums2023, agentStructs2023, sharedStructs2023, services2023, changes2026,
    ])

    init(_ texts: [String]) {
        declarations = texts.flatMap(Declaration.all)
        for declaration in declarations where declaration.kind == "alias" {
            for word in declaration.items {
                let words = word.split(separator: " ")
                aliases[String(words[0])] = String(words[1])
            }
        }
        for declaration in declarations where declaration.kind == "enum" { declareEnum(declaration) }
        var service = ""
        for declaration in declarations {
            switch declaration.kind {
            case "struct": declareStructure(declaration)
            case "service": service = declaration.name
            case "method": declareMethod(declaration, of: service)
            default: break
            }
        }
        declarations = []
    }

    func method(_ name: String, of service: String) -> WireMethod? { services[service]?[name] }

    /// The name of an enumeration's value, or the number.
    public func name(_ value: Int64, of enumeration: String) -> String {
        enums[enumeration]?.values?[Int32(truncatingIfNeeded: value)] ?? "\(value)"
    }

    private mutating func declareEnum(_ declaration: Declaration) {
        if declaration.change == "-" {
            for value in declaration.items { enums[declaration.name]?.values?[Int32(value) ?? 0] = nil }
            return
        }
        guard declaration.items != ["*"] else {
            enums[declaration.name] = WireEnum(values: nil)
            return
        }
        var values = declaration.change == "+" ? enums[declaration.name]?.values ?? [:] : [:]
        for item in declaration.items {
            let parts = item.split(separator: "=")
            guard parts.count == 2, let value = Int32(parts[1]) else { fatalError("enum \(declaration.name): \(item)") }
            values[value] = String(parts[0])
        }
        enums[declaration.name] = WireEnum(values: values)
    }

    private mutating func declareStructure(_ declaration: Declaration) {
        let name = declaration.name
        if declaration.change == "-" {
            guard !declaration.items.isEmpty else {
                for gone in name.components(by: ", ") { structures[gone] = nil }
                return
            }
            let gone = Set(declaration.items.compactMap { Int16($0) })
            structures[name]?.fields.removeAll { gone.contains($0.id) }
            return
        }
        let fields = declaration.items.map(field)
        var made = WireStructure(name: name, fields: [])
        if declaration.change == "+" {
            guard let known = structures[name] else { fatalError("nothing to add to: \(name)") }
            made = known
        }
        made.fields.removeAll { old in fields.contains { $0.id == old.id } }
        made.fields = (made.fields + fields).sorted { $0.id < $1.id }
        structures[name] = made
    }

    private mutating func declareMethod(_ declaration: Declaration, of service: String) {
        let words = declaration.name.components(by: " ")
        guard declaration.change != "-" else {
            services[service]?[words[0]] = nil
            return
        }
        let name = words[0]
        let arguments = WireStructure(name: "\(name)", fields: declaration.items.map(field))
        services[service, default: [:]][name] = WireMethod(
            name: name, arguments: arguments, result: words[1] == "oneway" ? nil : type(words[1]))
    }

    /// `5 o TCreateTabletReq create_tablet_req`.
    private func field(_ text: String) -> WireField {
        let words = text.components(by: " ")
        guard words.count == 4, let id = Int16(words[0]) else { fatalError("field '\(text)'") }
        return WireField(id: id, name: words[3], type: type(words[2]), isRequired: words[1] == "r")
    }

    func type(_ text: String) -> WireType {
        if let open = text.firstIndex(of: "<"), text.hasSuffix(">") {
            let inside = String(text[text.index(after: open)...].dropLast())
            switch text[..<open] {
            case "list": return .list(type(inside))
            case "set": return .set(type(inside))
            default:
                guard let comma = inside.firstIndex(of: ",") else { fatalError("type \(text)") }
                return .map(type(String(inside[..<comma])), type(String(inside[inside.index(after: comma)...])))
            }
        }
        switch aliases[text] ?? text {
        case "bool": return .bool
        case "byte": return .byte
        case "i16": return .i16
        case "i32": return .i32
        case "i64": return .i64
        case "double": return .double
        case "string", "binary": return .text
        case "any": return .anything
        case let name: return enums[name] == nil ? .structure(name) : .enumeration(name)
        }
    }
}

/// One entry of a schema's text: `kind [+ - =] name: item, item`.
private struct Declaration {
    var kind: String
    var change = ""
    var name = ""
    var items: [String] = []

    static func all(in text: String) -> [Declaration] {
        var entries: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  "), !entries.isEmpty {
                entries[entries.count - 1] += " " + line.drop { $0 == " " }
            } else {
                entries.append(String(line))
            }
        }
        return entries.map(Declaration.init)
    }

    init(_ entry: String) {
        var rest = Substring(entry)
        func word() -> String {
            let found = rest.prefix { $0 != " " }
            rest = rest[found.endIndex...].drop { $0 == " " }
            return String(found)
        }
        kind = word()
        if kind == "alias" {
            items = String(rest).components(by: ", ")
            return
        }
        if let first = rest.first, "+-=".contains(first) { change = word() }
        guard let colon = rest.firstIndex(of: ":") else {
            name = String(rest)
            return
        }
        name = String(rest[..<colon])
        let list = String(rest[rest.index(after: colon)...].drop { $0 == " " })
        items = list.isEmpty ? [] : list.components(by: ", ")
    }
}

extension String {
    fileprivate func components(by separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
