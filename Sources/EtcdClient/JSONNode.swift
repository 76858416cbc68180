internal import ByteText

/// A value of a JSON text that was parsed whole. Strings stay where they lie: most of a text is values in base64, which are
/// decoded from there.
struct JSONNode {
    private indirect enum Value {
        case other
        case bool(Bool)
        /// Between its quotes.
        case string(Range<Int>, hasEscapes: Bool)
        case number(Range<Int>)
        case array([Value])
        case object([(name: String, value: Value)])
    }

    private let text: [UInt8]
    private let value: Value

    /// - Throws: `JSONError`, with the offset of what is wrong.
    init(parsing text: [UInt8]) throws(JSONError) {
        self.text = text
        let parsed = text.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in
                var parser = Parser(bytes: bytes)
                let value = try parser.value(depth: 0)
                parser.skipBlanks()
                guard parser.place == bytes.count else { throw JSONError(offset: parser.place) }
                return value
            }
        }
        value = try parsed.get()
    }

    private init(_ text: [UInt8], _ value: Value) {
        self.text = text
        self.value = value
    }

    /// A member of an object; nil: there is none, or this is no object. What proto3 leaves out is its type's zero.
    subscript(name: String) -> JSONNode? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.name == name }.map { JSONNode(text, $0.value) }
    }

    /// Of an array; nothing of anything else.
    var elements: [JSONNode] {
        guard case .array(let values) = value else { return [] }
        return values.map { JSONNode(text, $0) }
    }

    var bool: Bool? { if case .bool(let value) = value { value } else { nil } }

    /// A number, or a string that holds one: proto3 writes 64-bit numbers so.
    var int64: Int64? { digits.flatMap { Int64($0) } }
    var uint64: UInt64? { digits.flatMap { UInt64($0) } }

    private var digits: String? {
        switch value {
        case .string(let range, false), .number(let range): String(decoding: text[range], as: UTF8.self)
        default: nil
        }
    }

    var string: String? {
        guard case .string(let range, let hasEscapes) = value else { return nil }
        return String(decoding: hasEscapes ? unescaped(range) : text[range], as: UTF8.self)
    }

    /// A string of base64, decoded.
    var bytes: [UInt8]? {
        guard case .string(let range, let hasEscapes) = value else { return nil }
        if hasEscapes { return unescaped(range).withUnsafeBytes { Base64.decode($0) } }
        return text.withUnsafeBytes { Base64.decode(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private func unescaped(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var plain: [UInt8] = []
        var place = range.lowerBound
        while place < range.upperBound {
            guard text[place] == UInt8(ascii: "\\"), place + 1 < range.upperBound else {
                plain.append(text[place])
                place += 1
                continue
            }
            let letter = text[place + 1]
            place += 2
            switch letter {
            case UInt8(ascii: "n"): plain.append(10)
            case UInt8(ascii: "r"): plain.append(13)
            case UInt8(ascii: "t"): plain.append(9)
            case UInt8(ascii: "b"): plain.append(8)
            case UInt8(ascii: "f"): plain.append(12)
            case UInt8(ascii: "u"):
                let end = min(place + 4, range.upperBound)
                let code = text[place..<end].reduce(UInt32(0)) { $0 << 4 | UInt32(Hexadecimal.value($1) ?? 0) }
                plain += Array(String(Unicode.Scalar(code).map(Character.init) ?? "\u{FFFD}").utf8)
                place = end
            default: plain.append(letter)
            }
        }
        return plain[...]
    }

    private struct Parser {
        /// What etcd says is six deep.
        static let depthLimit = 32

        let bytes: UnsafeRawBufferPointer
        var place = 0

        private var broken: JSONError { JSONError(offset: place) }
        private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

        mutating func skipBlanks() {
            while let byte = current, byte == 32 || byte == 10 || byte == 13 || byte == 9 { place += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            skipBlanks()
            guard current == byte else { return false }
            place += 1
            return true
        }

        mutating func value(depth: Int) throws(JSONError) -> Value {
            guard depth < Self.depthLimit else { throw broken }
            skipBlanks()
            switch current {
            case UInt8(ascii: "{"): return try object(depth)
            case UInt8(ascii: "["): return try array(depth)
            case UInt8(ascii: "\""):
                let (range, hasEscapes) = try string()
                return .string(range, hasEscapes: hasEscapes)
            case UInt8(ascii: "t"): return try word("true", .bool(true))
            case UInt8(ascii: "f"): return try word("false", .bool(false))
            case UInt8(ascii: "n"): return try word("null", .other)
            default: return try number()
            }
        }

        private mutating func object(_ depth: Int) throws(JSONError) -> Value {
            var members: [(name: String, value: Value)] = []
            place += 1
            if take(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipBlanks()
                let (name, _) = try string()
                guard take(UInt8(ascii: ":")) else { throw broken }
                members.append((String(decoding: bytes[name], as: UTF8.self), try value(depth: depth + 1)))
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw broken }
            return .object(members)
        }

        private mutating func array(_ depth: Int) throws(JSONError) -> Value {
            var values: [Value] = []
            place += 1
            if take(UInt8(ascii: "]")) { return .array(values) }
            repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw broken }
            return .array(values)
        }

        private mutating func string() throws(JSONError) -> (Range<Int>, hasEscapes: Bool) {
            guard current == UInt8(ascii: "\"") else { throw broken }
            place += 1
            let start = place
            var hasEscapes = false
            skipPlain()
            while let byte = current {
                if byte == UInt8(ascii: "\"") {
                    place += 1
                    return (start..<place - 1, hasEscapes)
                }
                if byte == UInt8(ascii: "\\") {
                    hasEscapes = true
                    place += 1
                }
                place += 1
            }
            throw broken
        }

        /// Passes what is neither quote nor backslash, eight bytes at a time: values are long.
        private mutating func skipPlain() {
            func hasZero(_ word: UInt64) -> Bool {
                (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0
            }
            while place + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                if hasZero(word ^ 0x2222_2222_2222_2222) || hasZero(word ^ 0x5C5C_5C5C_5C5C_5C5C) { return }
                place += 8
            }
        }

        private mutating func word(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
            guard place + word.utf8CodeUnitCount <= bytes.count else { throw broken }
            for offset in 0..<word.utf8CodeUnitCount where bytes[place + offset] != word.utf8Start[offset] {
                throw broken
            }
            place += word.utf8CodeUnitCount
            return value
        }

        private mutating func number() throws(JSONError) -> Value {
            let start = place
            while let byte = current, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { place += 1 }
            guard place > start else { throw broken }
            return .number(start..<place)
        }
    }
}

/// A text that is no JSON.
struct JSONError: Error, Hashable {
    let offset: Int
}
