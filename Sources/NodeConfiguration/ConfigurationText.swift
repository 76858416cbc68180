/// One `key = value` of a file or of the command line, with variables replaced and quotes taken off.
struct ConfigurationAssignment {
    let source: String
    let line: Int?
    let key: String
    let value: String
}

/// Reads Doris' conf format: one `key = value` a line, split at the first "=", blanks around both dropped; lines that are
/// empty or begin with "#" are skipped (a "#" further on belongs to the value); `${NAME}` is replaced by a variable, and
/// one that does not exist is an error. Ours in addition: a value may stand in double quotes. Values of keys that are
/// ignored are left as they are. A byte order mark, which Windows' editors put first, is skipped.
struct ConfigurationText {
    private(set) var assignments: [ConfigurationAssignment] = []
    private(set) var problems: [ConfigurationProblem] = []
    private let variable: (String) -> String?
    private let ignores: (String) -> Bool

    /// - Parameter ignores: nobody will look at this key's value.
    init(variable: @escaping (String) -> String?, ignores: @escaping (String) -> Bool = { _ in false }) {
        self.variable = variable
        self.ignores = ignores
    }

    mutating func readFile(_ text: String, named source: String) {
        var number = 0
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        for raw in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            number += 1
            let line = trim(raw)
            if line.isEmpty || line.hasPrefix("#") { continue }
            readLine(line, source: source, number: number)
        }
    }

    /// - Parameter line: without blanks around it, not empty.
    mutating func readLine(_ line: Substring, source: String, number: Int?) {
        guard let equals = line.firstIndex(of: "=") else {
            problems.append(
                ConfigurationProblem(
                    source: source, line: number, key: "", message: "\"\(line)\" is not of the form key = value"))
            return
        }
        let key = String(trim(line[..<equals]))
        let value = trim(line[line.index(after: equals)...])
        guard !key.isEmpty else {
            problems.append(
                ConfigurationProblem(source: source, line: number, key: "", message: "no key before \"=\""))
            return
        }
        guard !ignores(key) else {
            assignments.append(
                ConfigurationAssignment(source: source, line: number, key: key, value: String(value)))
            return
        }
        do {
            let plain = try replaceVariables(unquote(value), variable)
            assignments.append(ConfigurationAssignment(source: source, line: number, key: key, value: plain))
        } catch {
            problems.append(ConfigurationProblem(source: source, line: number, key: key, message: error.message))
        }
    }
}

/// Replaces each `${NAME}`. What is put in is not looked at again.
func replaceVariables(_ text: String, _ variable: (String) -> String?) throws(ValueProblem) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${") {
        result += rest[..<start.lowerBound]
        rest = rest[start.upperBound...]
        guard let end = rest.firstIndex(of: "}") else { throw ValueProblem("\"${\" without \"}\"") }
        let name = String(rest[..<end])
        guard let value = variable(name) else {
            throw ValueProblem("the environment has no variable \(name); set it, or write the value itself")
        }
        result += value
        rest = rest[rest.index(after: end)...]
    }
    return result + rest
}

/// Takes double quotes off; inside, `\"` and `\\` stand for the second character.
private func unquote(_ text: Substring) throws(ValueProblem) -> String {
    guard text.first == "\"" else { return String(text) }
    var result = ""
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
        switch character {
        case "\\" where rest.first == "\"" || rest.first == "\\": result.append(rest.removeFirst())
        case "\"":
            guard rest.isEmpty else { throw ValueProblem("text after the closing quote") }
            return result
        default: result.append(character)
        }
    }
    throw ValueProblem("the closing quote is missing")
}

func trim(_ text: Substring) -> Substring {
    var rest = text
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
}
