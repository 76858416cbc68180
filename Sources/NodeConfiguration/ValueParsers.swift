func parseInteger(_ text: String, _ range: ClosedRange<Int>, unit: String) throws(ValueProblem) -> Int {
    let kind = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
    guard let value = Int(text) else {
        let hint = text.contains("#") ? "; a comment needs a line of its own" : ""
        throw ValueProblem("\"\(text)\" is not \(kind)\(hint)")
    }
    guard range.contains(value) else {
        let limits =
            range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
        throw ValueProblem("\(value) is outside what is allowed: \(limits)\(unit.isEmpty ? "" : " " + unit)")
    }
    return value
}

func parseBoolean(_ text: String) throws(ValueProblem) -> Bool {
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    default: throw ValueProblem("\"\(text)\" is neither true nor false")
    }
}

/// How many letters have to be put in, taken out or changed to get from one word to the other.
func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in b.enumerated() {
            let changed = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
