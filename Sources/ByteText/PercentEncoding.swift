/// Percent-encoding (RFC 3986): everything but unreserved characters, upper-case hex. Signature Version 4 wants just this.
package enum PercentEncoding {
    /// A query part; `/` becomes `%2F`.
    package static func encode(_ text: String) -> String { encode(text, keeping: nil) }

    /// A path, an object's key say: `/` stays.
    package static func encodePath(_ path: String) -> String { encode(path, keeping: UInt8(ascii: "/")) }

    /// One segment of a path: `:` stays, as in an address.
    package static func encodeSegment(_ text: String) -> String { encode(text, keeping: UInt8(ascii: ":")) }

    private static func encode(_ text: String, keeping kept: UInt8?) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || byte == kept {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// What `encoding-type=url` answers: form encoding, so `+` is a space. nil when it is not valid UTF-8 or hex.
    package static func decode(_ text: String) -> String? { decode(text, plus: UInt8(ascii: " ")) }

    /// What `encodeSegment`, or any other client, made of one segment of a path: `+` is itself. nil as in `decode`.
    package static func decodeSegment(_ text: String) -> String? { decode(text, plus: UInt8(ascii: "+")) }

    private static func decode(_ text: String, plus: UInt8) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count)
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(plus)
            case UInt8(ascii: "%"):
                guard let high = bytes.next().flatMap(Hexadecimal.value),
                    let low = bytes.next().flatMap(Hexadecimal.value)
                else { return nil }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
