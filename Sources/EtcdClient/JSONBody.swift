internal import ByteText

/// Writes the JSON of a request.
struct JSONBody {
    private(set) var bytes: [UInt8] = []
    /// A member stands in the innermost object or array already.
    private var hasMember = false

    init(_ members: (inout JSONBody) -> Void) { object(members) }

    private mutating func object(_ members: (inout JSONBody) -> Void) {
        raw("{")
        hasMember = false
        members(&self)
        raw("}")
        hasMember = true
    }

    mutating func object(_ name: StaticString, _ members: (inout JSONBody) -> Void) {
        begin(name)
        object(members)
    }

    mutating func array<Element>(
        _ name: StaticString, _ elements: [Element], _ members: (inout JSONBody, Element) -> Void
    ) {
        guard !elements.isEmpty else { return }
        begin(name)
        raw("[")
        hasMember = false
        for element in elements {
            if hasMember { raw(",") }
            object { members(&$0, element) }
        }
        raw("]")
        hasMember = true
    }

    /// As base64.
    mutating func member(_ name: StaticString, _ value: [UInt8]) {
        begin(name)
        raw("\"")
        Base64.append(value, to: &bytes)
        raw("\"")
    }

    /// A key, as base64.
    mutating func key(_ name: StaticString, _ value: String) { member(name, Array(value.utf8)) }

    mutating func member(_ name: StaticString, _ value: Int64) {
        begin(name)
        raw("\"\(value)\"")
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        begin(name)
        raw(value ? "true" : "false")
    }

    mutating func texts(_ name: StaticString, _ values: [StaticString]) {
        begin(name)
        raw("[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]")
    }

    mutating func text(_ name: StaticString, _ value: String) {
        begin(name)
        raw("\"")
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: raw("\\u" + Hexadecimal.text(byte, digits: 4))
            default: bytes.append(byte)
            }
        }
        raw("\"")
    }

    private mutating func begin(_ name: StaticString) {
        if hasMember { raw(",") }
        raw("\"\(name)\":")
        hasMember = true
    }

    private mutating func raw(_ text: String) { bytes += Array(text.utf8) }
}
