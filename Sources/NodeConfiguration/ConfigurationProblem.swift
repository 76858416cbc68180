/// Something wrong in a configuration: where it is, which key, and what is allowed.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named, or "command line".
    public var source: String
    /// 1 for the first; nil when the problem is not in a line (a default that does not hold, keys that do not fit together).
    public var line: Int?
    public var key: String
    public var message: String

    public init(source: String, line: Int?, key: String, message: String) {
        self.source = source
        self.line = line
        self.key = key
        self.message = message
    }

    public var description: String {
        let place = line.map { "\(source):\($0)" } ?? source
        return visible(key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)")
    }
}

/// The text with every character that cannot be seen, or that looks like another blank, written out: `\u{feff}`.
func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        case .spaceSeparator where scalar != " ": result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Every problem of a configuration, in the order of the lines.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var problems: [ConfigurationProblem]
    public init(problems: [ConfigurationProblem]) { self.problems = problems }
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Why a value is refused; the caller knows where it stands.
struct ValueProblem: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
