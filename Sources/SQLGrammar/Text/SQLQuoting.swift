/// Quotes, taken off and put on.
enum SQLQuoting {
    /// What stands between the quotes of a text or a name, its first and last byte.
    static func content(_ quoted: ArraySlice<UInt8>, hasEscapes: Bool) -> String {
        let quote = quoted[quoted.startIndex]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(quoted.count)
        var place = quoted.startIndex + 1
        let end = quoted.endIndex - 1
        while place < end {
            let byte = quoted[place]
            if byte == quote {
                // Written twice.
                bytes.append(quote)
                place += 2
            } else if hasEscapes && byte == UInt8(ascii: "\\") && place + 1 < end {
                escape(quoted[place + 1], &bytes)
                place += 2
            } else {
                bytes.append(byte)
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ letter: UInt8, _ bytes: inout [UInt8]) {
        switch letter {
        case UInt8(ascii: "0"): bytes.append(0)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "Z"): bytes.append(26)
        // They mean something to LIKE, which is to see them.
        case UInt8(ascii: "%"), UInt8(ascii: "_"): bytes += [UInt8(ascii: "\\"), letter]
        default: bytes.append(letter)
        }
    }
}

extension String {
    /// As a value in a statement, between `'` or `"`.
    public func quotedAsSQLText(_ quote: Unicode.Scalar = "'") -> String {
        var text = String(quote)
        for scalar in unicodeScalars {
            switch scalar {
            case quote:
                text.unicodeScalars.append(quote)
                text.unicodeScalars.append(quote)
            case "\\": text += "\\\\"
            case "\0": text += "\\0"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + String(quote)
    }

    /// As a name in a statement: between backticks.
    public var quotedAsSQLName: String {
        "`" + split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }
}
