extension SQLParser {
    /// Text between quotes.
    mutating func text(_ what: String = "a text between quotes") throws(SQLSyntaxError) -> String {
        guard token.kind == .text else {
            expecting(what)
            throw unexpected()
        }
        let content = SQLQuoting.content(text.bytes[token.range], hasEscapes: true)
        advance()
        return content
    }

    /// A whole number, 0 or more.
    mutating func count(_ what: String = "a number") throws(SQLSyntaxError) -> Int64 {
        guard token.kind == .number else {
            expecting(what)
            throw unexpected()
        }
        guard let number = Int64(text.string(token)) else { throw error("\(what) is a whole number below 2^63") }
        advance()
        return number
    }

    /// A number with its sign, as it is written.
    mutating func number() -> String? {
        expecting("a number")
        let hasSign = isAt(mark: "-") || isAt(mark: "+")
        guard ahead(hasSign ? 1 : 0).kind == .number else { return nil }
        var digits = ""
        if hasSign {
            if isAt(mark: "-") { digits = "-" }
            advance()
        }
        digits += text.string(token)
        advance()
        return digits
    }

    /// A text, a number, TRUE, FALSE or NULL.
    mutating func literal() throws(SQLSyntaxError) -> SQLValue {
        if token.kind == .text { return .text(try text()) }
        if let number = number() { return .number(number) }
        if take("NULL") { return .null }
        if take("TRUE") { return .boolean(true) }
        if take("FALSE") { return .boolean(false) }
        expecting("a value")
        throw unexpected()
    }

    /// `LIMIT n`, `LIMIT n OFFSET m` or `LIMIT m, n`, if it stands here.
    mutating func limit() throws(SQLSyntaxError) -> SQLLimit? {
        guard take("LIMIT") else { return nil }
        let first = try rowCount()
        if take("OFFSET") { return SQLLimit(count: first, offset: try rowCount()) }
        if take(mark: ",") { return SQLLimit(count: try rowCount(), offset: first) }
        return SQLLimit(count: first, offset: 0)
    }

    /// Of LIMIT. Clients say 2^64 - 1 for all rows; more than there can be is so many that sums of two still fit.
    private mutating func rowCount() throws(SQLSyntaxError) -> Int64 {
        if token.kind == .number, let number = UInt64(text.string(token)) {
            advance()
            return Int64(min(number, 1 << 61))
        }
        return try count("a number of rows")
    }

    /// `LIKE 'pattern'` or `WHERE name = 'x' [OR name = 'y']`, if it stands here; `columns` may be named in WHERE.
    mutating func filter(_ columns: StaticString...) throws(SQLSyntaxError) -> SQLFilter? {
        if take("LIKE") { return .like(try pattern()) }
        guard !columns.isEmpty, take("WHERE") else { return nil }
        var names: [String] = []
        var depth = 0
        while take(mark: "(") { depth = try deeper(depth) }
        repeat {
            guard token.kind == .name || columns.contains(where: { isAt($0) }) else {
                for column in columns { expecting("\(column)") }
                throw unexpected()
            }
            advance()
            if names.isEmpty, take("LIKE") {
                let pattern = try pattern()
                for _ in 0..<depth { try expect(mark: ")") }
                return .like(pattern)
            }
            if take("IN") {
                names += try parenthesized { parser throws(SQLSyntaxError) in try parser.text() }
            } else {
                try expect(mark: "=")
                names.append(token.kind == .number ? String(try count()) : try text())
            }
        } while take("OR")
        for _ in 0..<depth { try expect(mark: ")") }
        return .names(names)
    }

    private mutating func pattern() throws(SQLSyntaxError) -> String {
        let start = place
        let pattern = try text("a pattern between quotes")
        guard pattern.utf8.count <= SQLLimits.patternBytes else {
            throw error("the pattern has more than \(SQLLimits.patternBytes) bytes", at: start)
        }
        return pattern
    }

    func deeper(_ depth: Int) throws(SQLSyntaxError) -> Int {
        guard depth < SQLLimits.nesting else {
            throw error("parentheses are nested deeper than \(SQLLimits.nesting)")
        }
        return depth + 1
    }

    // MARK: Properties

    /// `PROPERTIES ("key" = "value", …)`, if it stands here.
    mutating func properties() throws(SQLSyntaxError) -> [SQLProperty] {
        take("PROPERTIES") ? try propertyList() : []
    }

    mutating func requiredProperties() throws(SQLSyntaxError) -> [SQLProperty] {
        try expect("PROPERTIES")
        return try propertyList()
    }

    /// `("key" = "value", …)`, each key once.
    mutating func propertyList() throws(SQLSyntaxError) -> [SQLProperty] {
        var keys = Set<String>()
        return try parenthesized { parser throws(SQLSyntaxError) in
            let start = parser.place
            let key = try parser.propertyKey()
            guard keys.insert(key.lowercased()).inserted else {
                throw parser.error("this property stands here twice", at: start)
            }
            try parser.expect(mark: "=")
            return SQLProperty(key: key, value: SQLSecret(try parser.propertyValue()))
        }
    }

    private mutating func propertyKey() throws(SQLSyntaxError) -> String {
        if token.kind == .text { return try text() }
        var key = try name("a property's name")
        while take(mark: ".") { key += "." + (try name("a property's name")) }
        return key
    }

    private mutating func propertyValue() throws(SQLSyntaxError) -> String {
        if token.kind == .text { return try text() }
        if let number = number() { return number }
        if take("TRUE") { return "true" }
        if take("FALSE") { return "false" }
        expecting("a property's value")
        throw unexpected()
    }
}
