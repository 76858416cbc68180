extension SQLParser {
    /// Behind SELECT, when a FROM follows.
    mutating func selection() throws(SQLSyntaxError) -> SQLStatement {
        _ = take("ALL")
        if isAt("DISTINCT") { throw notSupported("rows are not compared with each other here") }
        let start = place
        // SELECT 1 FROM DUAL.
        if isFromDual() { return try values() }
        let items = try list { p throws(SQLSyntaxError) in try p.outputItem() }
        if items.count > 1, items.contains(where: { $0.value == .count }) {
            throw notSupported("COUNT(*) stands alone", at: start)
        }
        guard take("FROM") else {
            if isAt(mark: "(") || isAt(mark: "+") || isAt(mark: "-") || isAt(mark: "/") {
                throw notSupported("columns are shown as they are: only COUNT(*) is computed")
            }
            throw unexpected()
        }
        if isAt(mark: "(") { throw notSupported("rows come from one table") }
        let table = try tableName()
        try alias()
        if isAt(mark: ",") || isAt("JOIN") || isAt("LEFT") || isAt("INNER") || isAt("RIGHT") || isAt("CROSS") {
            throw notSupported("rows come from one table")
        }
        let conditions = try whereClause()
        if isAt("GROUP") || isAt("ORDER") || isAt("HAVING") || isAt("UNION") {
            throw notSupported("rows are neither sorted nor grouped here: SELECT … FROM … [WHERE …] [LIMIT …]")
        }
        return .select(Selection(items: items, table: table, conditions: conditions, limit: try limit()))
    }

    private func isFromDual() -> Bool {
        guard let from = text.tokens[place...].firstIndex(where: { text.isWord($0, "FROM") }) else { return false }
        return from + 1 < text.tokens.count && text.isWord(text.tokens[from + 1], "DUAL")
    }

    private mutating func outputItem() throws(SQLSyntaxError) -> SQLItem<Selection.Output> {
        let start = place
        if take(mark: "*") { return SQLItem(value: .all, title: "*") }
        expecting("*")
        if isAt("COUNT"), text.isMark(ahead(1), "(") {
            advance()
            advance()
            if isAt("DISTINCT") { throw notSupported("rows are not compared with each other here") }
            guard take(mark: "*") || number() != nil else { throw unexpected() }
            try expect(mark: ")")
            return SQLItem(value: .count, title: try title(from: start))
        }
        var column = try name("a column")
        while take(mark: ".") {
            if take(mark: "*") { return SQLItem(value: .all, title: "*") }
            column = try name("a column")
        }
        if isAt(mark: "(") { throw notSupported("columns are shown as they are: only COUNT(*) is computed", at: start) }
        return SQLItem(value: .column(column), title: try alias() ?? column)
    }

    /// `[AS] name`, if it stands here.
    @discardableResult private mutating func alias() throws(SQLSyntaxError) -> String? {
        if take("AS") { return try nameOrText("a name") }
        return isName() || token.kind == .text ? try nameOrText("a name") : nil
    }

    /// What an answer calls the item that began at a token: its other name, or its text.
    private mutating func title(from start: Int) throws(SQLSyntaxError) -> String {
        let range = Int(text.tokens[start].start)..<Int(text.tokens[place - 1].end)
        if let name = try alias() { return name }
        return range.count <= SQLLimits.nameBytes ? text.string(range) : "…"
    }

    // MARK: Without a table

    /// Behind SELECT.
    mutating func values() throws(SQLSyntaxError) -> SQLStatement {
        let items = try list { p throws(SQLSyntaxError) in
            let start = p.place
            if p.isAt(mark: "*") { throw p.notSupported("* is all columns of a table: SELECT * FROM …") }
            let value = try p.expression(0)
            let text = try p.title(from: start)
            // MySQL calls a text what it says.
            if case .literal(.text(let content)) = value, p.place == start + 1 {
                return SQLItem(value: value, title: content)
            }
            return SQLItem(value: value, title: text)
        }
        if take("FROM") { try expect("DUAL") }
        return .selectValues(items, try limit())
    }

    /// A value, a variable or a function of such.
    mutating func expression(_ depth: Int) throws(SQLSyntaxError) -> SQLExpression {
        if take(mark: "(") {
            let inner = try expression(try deeper(depth))
            try expect(mark: ")")
            return inner
        }
        if let variable = try variable() { return variable }
        if isName(), text.isMark(ahead(1), "(") {
            let name = try name().uppercased()
            advance()
            if take(mark: ")") { return .function(name, []) }
            let depth = try deeper(depth)
            let arguments = try list { p throws(SQLSyntaxError) in try p.expression(depth) }
            try expect(mark: ")")
            return .function(name, arguments)
        }
        if isAt("CURRENT_USER") || isAt("CURRENT_TIMESTAMP") { return .function(try name().uppercased(), []) }
        if token.kind == .word, isName(), !isAt("TRUE"), !isAt("FALSE") {
            throw notSupported("a column needs a table: SELECT … FROM …")
        }
        return .literal(try literal())
    }

    /// `@@[GLOBAL.|SESSION.]name` or `@name`, if it stands here.
    mutating func variable() throws(SQLSyntaxError) -> SQLExpression? {
        if take(mark: "@@") {
            var scope = SQLScope.session
            if text.isMark(ahead(1), ".") {
                if take("GLOBAL") {
                    scope = .global
                    advance()
                } else if take("SESSION") || take("LOCAL") {
                    advance()
                }
            }
            var name = try name("a variable")
            while take(mark: ".") { name += "." + (try self.name("a variable")) }
            return .variable(scope, name.lowercased())
        }
        guard take(mark: "@") else { return nil }
        return .variable(.user, try nameOrText("a variable").lowercased())
    }
}
