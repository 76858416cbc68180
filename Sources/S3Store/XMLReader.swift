/// An answer that is not the XML we can read.
struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    var message: String
    var offset: Int
    var description: String { "\(message) at byte \(offset)" }
}

/// A pull reader for S3's answers: elements and their text. Attributes, comments and declarations are passed over, name
/// prefixes dropped, document types refused (entities of their own could blow up). Input is bounded by the caller.
struct XMLReader {
    enum Event: Hashable {
        case open(String)
        case text(String)
        case close(String)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var openNames: [String] = []
    /// The second half of `<a/>`.
    private var pendingClose: String?
    private static let maximumDepth = 16

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// nil at the end of a complete document.
    mutating func next() throws(XMLError) -> Event? {
        if let name = pendingClose {
            pendingClose = nil
            return .close(name)
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                if let text = try readText() { return .text(text) }
            } else if skip("<?") {
                try skipPast("?>")
            } else if skip("<!--") {
                try skipPast("-->")
            } else if skip("<![CDATA[") {
                let start = position
                try skipPast("]]>")
                return .text(String(decoding: bytes[start..<(position - 3)], as: UTF8.self))
            } else if skip("<!") {
                throw error("document type declarations are refused")
            } else if skip("</") {
                return try readClosingTag()
            } else {
                return try readOpeningTag()
            }
        }
        guard openNames.isEmpty else { throw error("ends inside <\(openNames.last!)>") }
        return nil
    }

    /// Text up to the next tag; nil for blank text between elements.
    private mutating func readText() throws(XMLError) -> String? {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        defer { position = end }
        let raw = bytes[position..<end]
        if raw.allSatisfy({ $0 == 32 || (9...13).contains($0) }), openNames.isEmpty { return nil }
        guard raw.contains(UInt8(ascii: "&")) else { return String(decoding: raw, as: UTF8.self) }
        return try unescape(raw)
    }

    private func unescape(_ raw: ArraySlice<UInt8>) throws(XMLError) -> String {
        var text = ""
        var rest = raw
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            text += String(decoding: rest[..<ampersand], as: UTF8.self)
            guard let semicolon = rest[ampersand...].firstIndex(of: UInt8(ascii: ";")), semicolon - ampersand <= 12
            else {
                throw error("an entity without an end")
            }
            text.unicodeScalars.append(try scalar(String(decoding: rest[(ampersand + 1)..<semicolon], as: UTF8.self)))
            rest = rest[(semicolon + 1)...]
        }
        return text + String(decoding: rest, as: UTF8.self)
    }

    private func scalar(_ entity: String) throws(XMLError) -> Unicode.Scalar {
        switch entity {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let code =
            entity.hasPrefix("#x")
            ? UInt32(entity.dropFirst(2), radix: 16)
            : entity.hasPrefix("#") ? UInt32(entity.dropFirst()) : nil
        guard let scalar = code.flatMap(Unicode.Scalar.init) else { throw error("unknown entity &\(entity);") }
        return scalar
    }

    private mutating func readOpeningTag() throws(XMLError) -> Event {
        position += 1
        let name = try readName()
        guard openNames.count < XMLReader.maximumDepth else { throw error("nested too deep") }
        let isEmpty = try skipAttributes()
        if isEmpty { pendingClose = name } else { openNames.append(name) }
        return .open(name)
    }

    private mutating func readClosingTag() throws(XMLError) -> Event {
        let name = try readName()
        _ = try skipAttributes()
        guard openNames.popLast() == name else { throw error("</\(name)> closes another element") }
        return .close(name)
    }

    /// A name without its prefix.
    private mutating func readName() throws(XMLError) -> String {
        let isEnd: (UInt8) -> Bool = { $0 <= 32 || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/") }
        let end = bytes[position...].firstIndex(where: isEnd) ?? bytes.count
        let name = bytes[position..<end]
        guard !name.isEmpty, name.count <= 256 else { throw error("a tag without a name") }
        position = end
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        return String(decoding: local, as: UTF8.self)
    }

    /// Up to and past `>`, minding quotes; true when the tag ends in `/>`.
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return bytes[position - 2] == UInt8(ascii: "/")
            }
        }
        throw error("a tag without an end")
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let found = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if found { position += text.utf8CodeUnitCount }
        return found
    }

    private mutating func skipPast(_ text: StaticString) throws(XMLError) {
        while position < bytes.count {
            if skip(text) { return }
            position += 1
        }
        throw error("ends before \(text)")
    }

    private func error(_ message: String) -> XMLError { XMLError(message: message, offset: position) }
}
