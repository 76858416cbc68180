/// A value of the wire, by the names of the IDL.
public indirect enum WireValue: Hashable, Sendable {
    case flag(Bool)
    /// Of any width; enumerations too.
    case number(Int64)
    case real(Double)
    case text(String)
    case list([WireValue])
    case map([WireValue: WireValue])
    case record(WireRecord)

    public static func ids(_ numbers: some Sequence<Int64>) -> WireValue { .list(numbers.map { .number($0) }) }
    public static func texts(_ map: [String: String]) -> WireValue {
        .map(Dictionary(uniqueKeysWithValues: map.map { (.text($0), .text($1)) }))
    }

    public var number: Int64? { if case .number(let value) = self { value } else { nil } }
    public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    public var list: [WireValue]? { if case .list(let value) = self { value } else { nil } }
    public var map: [WireValue: WireValue]? { if case .map(let value) = self { value } else { nil } }
    public var record: WireRecord? { if case .record(let value) = self { value } else { nil } }
}

extension WireValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    public init(integerLiteral value: Int64) { self = .number(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: WireValue...) { self = .list(elements) }
}

/// A struct: the members that are set.
public struct WireRecord: Hashable, Sendable {
    public var type: String
    public var members: [String: WireValue]

    public init(_ type: String, _ members: [String: WireValue?] = [:]) {
        self.type = type
        self.members = members.compactMapValues { $0 }
    }

    /// The member at a path of names: `task_status.status_code`.
    public subscript(path: String) -> WireValue? {
        var found: WireValue? = .record(self)
        for name in path.split(separator: ".") { found = found?.record?.members[String(name)] }
        return found
    }

    public func number(_ path: String) -> Int64? { self[path]?.number }
    public func text(_ path: String) -> String? { self[path]?.text }
    public func flag(_ path: String) -> Bool? { self[path]?.flag }
    public func list(_ path: String) -> [WireValue] { self[path]?.list ?? [] }
    public func records(_ path: String) -> [WireRecord] { list(path).compactMap(\.record) }
    public func record(_ path: String) -> WireRecord? { self[path]?.record }
}
