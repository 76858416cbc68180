internal import TabletModel

extension SQLParser {
    /// `WHERE` and comparisons of columns joined by AND, if it stands here.
    mutating func whereClause() throws(SQLSyntaxError) -> [DeleteCondition] {
        take("WHERE") ? try conditions() : []
    }

    /// Comparisons joined by AND, with parentheses around any number of them.
    mutating func conditions() throws(SQLSyntaxError) -> [DeleteCondition] {
        var conditions: [DeleteCondition] = []
        var depth = 0
        repeat {
            while take(mark: "(") { depth = try deeper(depth) }
            try comparison(into: &conditions)
            while depth > 0, take(mark: ")") { depth -= 1 }
        } while take("AND") || take(mark: "&&")
        if isAt("OR") || isAt(mark: "||") {
            throw notSupported("conditions are joined by AND alone: use IN for several values, or several statements")
        }
        guard depth == 0 else { throw unexpected() }
        return conditions
    }

    private mutating func comparison(into conditions: inout [DeleteCondition]) throws(SQLSyntaxError) {
        if isAt("NOT") { throw notSupported("NOT stands behind a column here, as in name NOT IN ('a')") }
        var column = try name("a column")
        // t.column, db.t.column: the last one counts.
        while take(mark: ".") { column = try name("a column") }
        func add(_ operation: String, _ values: [String]) {
            conditions.append(DeleteCondition(column: column, operation: operation, values: values))
        }
        for (mark, operation) in Self.comparisons where take(mark: mark) {
            return add(operation, [try comparedValue()])
        }
        if take("IS") {
            let isNegated = take("NOT")
            try expect("NULL")
            return add("IS", [isNegated ? "NOT NULL" : "NULL"])
        }
        let isNegated = take("NOT")
        if take("IN") {
            let values = try parenthesized { parser throws(SQLSyntaxError) in try parser.comparedValue() }
            return add(isNegated ? "!*=" : "*=", values)
        }
        if !isNegated, take("BETWEEN") {
            let least = try comparedValue()
            try expect("AND")
            add(">=", [least])
            return add("<=", [try comparedValue()])
        }
        if isAt("LIKE") { throw notSupported("LIKE is not compared here: use =, IN, <, >=, …") }
        throw unexpected()
    }

    private static let comparisons: [(StaticString, String)] = [
        ("=", "="), ("!=", "!="), ("<>", "!="), ("<=", "<="), (">=", ">="), ("<", "<"), (">", ">"),
    ]

    private mutating func comparedValue() throws(SQLSyntaxError) -> String {
        if token.kind == .text { return try text() }
        if let number = number() { return number }
        if take("TRUE") { return "true" }
        if take("FALSE") { return "false" }
        if isAt("NULL") { throw error("nothing equals null: ask IS NULL or IS NOT NULL") }
        expecting("a value")
        throw unexpected()
    }
}
