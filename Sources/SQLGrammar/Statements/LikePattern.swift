/// A pattern of LIKE: `%` is any text, `_` any character, `\` takes their meaning away. Letters of any case are equal, as in
/// MySQL's usual collations. Takes time at most by the product of both lengths.
public struct LikePattern: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case any, one
        case character(Unicode.Scalar)
    }

    private var parts: [Part] = []

    public init(_ pattern: String) {
        var isEscaped = false
        for scalar in pattern.lowercased().unicodeScalars {
            switch scalar {
            case "\\" where !isEscaped:
                isEscaped = true
                continue
            case "%" where !isEscaped: if parts.last != .any { parts.append(.any) }
            case "_" where !isEscaped: parts.append(.one)
            default: parts.append(.character(scalar))
            }
            isEscaped = false
        }
        if isEscaped { parts.append(.character("\\")) }
    }

    public func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased().unicodeScalars)
        var (part, place) = (0, 0)
        /// Where to go on when what follows the last `%` does not fit.
        var retry: (part: Int, place: Int)?
        while place < text.count {
            if part < parts.count, parts[part] == .any {
                part += 1
                retry = (part, place)
            } else if part < parts.count, parts[part] == .one || parts[part] == .character(text[place]) {
                part += 1
                place += 1
            } else if let last = retry {
                retry = (last.part, last.place + 1)
                (part, place) = (last.part, last.place + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }
}
