/// RFC 4648, with padding: what `Content-MD5` wants, and keys and values in etcd's JSON.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    /// What each byte is worth; `noDigit` for those that are no digit.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: noDigit, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()
    private static let noDigit: UInt8 = 0xFF

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
                    while from < bytes.count {
                        let count = min(3, bytes.count - from)
                        var bits = UInt32(bytes[from]) << 16
                        if count > 1 { bits |= UInt32(bytes[from + 1]) << 8 }
                        if count > 2 { bits |= UInt32(bytes[from + 2]) }
                        text[to] = alphabet[Int(bits >> 18)]
                        text[to + 1] = alphabet[Int(bits >> 12 & 63)]
                        if count > 1 { text[to + 2] = alphabet[Int(bits >> 6 & 63)] }
                        if count > 2 { text[to + 3] = alphabet[Int(bits & 63)] }
                        from += 3
                        to += 4
                    }
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
        var isSound = true
        let bytes = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
                var (from, to) = (0, 0)
                var met: UInt8 = 0
                func next() -> UInt32 {
                    // The padding at the end is worth nothing.
                    let value = from < text.count - padded ? values[Int(text[from])] : 0
                    met |= value
                    from += 1
                    return UInt32(value)
                }
                while from < text.count {
                    let bits = next() << 18 | next() << 12 | next() << 6 | next()
                    bytes[to] = UInt8(truncatingIfNeeded: bits >> 16)
                    if to + 1 < size { bytes[to + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
                    if to + 2 < size { bytes[to + 2] = UInt8(truncatingIfNeeded: bits) }
                    to += 3
                }
                isSound = met & 0x80 == 0
                count = size
            }
        }
        return isSound ? bytes : nil
    }
}
