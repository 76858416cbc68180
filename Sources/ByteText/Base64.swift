/// RFC 4648, with padding: what `Content-MD5` wants, and keys and values in etcd's JSON.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    private static let noDigit: UInt32 = 0xFF00_0000
    /// What each byte is worth as the first, second, third and fourth digit of a group: 256 numbers each, `noDigit` for those
    /// that are no digit. One look a digit, and no shift: a log is read as fast as this goes.
    private static let values: [UInt32] = {
        var values = [UInt32](repeating: noDigit, count: 4 * 256)
        for place in 0..<4 {
            for (value, digit) in alphabet.enumerated() {
                values[place * 256 + Int(digit)] = UInt32(value) << UInt32(18 - 6 * place)
            }
        }
        return values
    }()

    package static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Adds the text of the bytes, ASCII.
    package static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        let start = text.count
        text.append(contentsOf: repeatElement(padding, count: (bytes.count + 2) / 3 * 4))
        alphabet.withUnsafeBufferPointer { alphabet in
            text.withUnsafeMutableBufferPointer { text in
                bytes.withUnsafeBufferPointer { bytes in
                    var (from, to) = (0, start)
                    while from + 3 <= bytes.count {
                        let bits = Int(bytes[from]) << 16 | Int(bytes[from + 1]) << 8 | Int(bytes[from + 2])
                        text[to] = alphabet[bits >> 18]
                        text[to + 1] = alphabet[bits >> 12 & 63]
                        text[to + 2] = alphabet[bits >> 6 & 63]
                        text[to + 3] = alphabet[bits & 63]
                        from += 3
                        to += 4
                    }
                    guard from < bytes.count else { return }
                    // One or two bytes are left; the padding stands already.
                    let isTwo = from + 2 == bytes.count
                    let bits = Int(bytes[from]) << 16 | (isTwo ? Int(bytes[from + 1]) << 8 : 0)
                    text[to] = alphabet[bits >> 18]
                    text[to + 1] = alphabet[bits >> 12 & 63]
                    if isTwo { text[to + 2] = alphabet[bits >> 6 & 63] }
                }
            }
        }
    }

    /// nil for what is not the padded text of some bytes.
    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        guard !text.isEmpty else { return [] }
        let padded = text[text.count - 1] != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let size = text.count / 4 * 3 - padded
        var met: UInt32 = 0
        let bytes = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
                var (from, to) = (0, 0)
                // Groups of four digits that make three bytes.
                while to + 3 <= size {
                    let bits =
                        values[Int(text[from])] | values[256 + Int(text[from + 1])]
                        | values[512 + Int(text[from + 2])] | values[768 + Int(text[from + 3])]
                    met |= bits
                    bytes[to] = UInt8(truncatingIfNeeded: bits >> 16)
                    bytes[to + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    bytes[to + 2] = UInt8(truncatingIfNeeded: bits)
                    from += 4
                    to += 3
                }
                if to < size {
                    let third = padded == 1 ? values[512 + Int(text[from + 2])] : 0
                    let bits = values[Int(text[from])] | values[256 + Int(text[from + 1])] | third
                    met |= bits
                    bytes[to] = UInt8(truncatingIfNeeded: bits >> 16)
                    if padded == 1 { bytes[to + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
                }
                count = size
            }
        }
        return met & noDigit == 0 ? bytes : nil
    }
}
