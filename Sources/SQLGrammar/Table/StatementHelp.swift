/// HELP: the table as people read it.
public enum StatementHelp {
    public enum Answer: Sendable {
        case statement(StatementRow)
        /// A chapter's statements, or the chapters.
        case chapter(title: String, topics: [String], statements: [String])
        /// More than one statement fits.
        case several([String])
        case nothing
    }

    /// Of a statement's name, its first words, a pattern of LIKE, or a chapter.
    public static func answer(_ topic: String) -> Answer {
        let wanted = topic.split(whereSeparator: \.isWhitespace).joined(separator: " ").uppercased()
        if wanted.isEmpty || wanted == "CONTENTS" {
            return .chapter(title: "Contents", topics: StatementRow.Topic.allCases.map(\.rawValue), statements: [])
        }
        if let row = StatementTable.rows.first(where: { $0.name == wanted }) { return .statement(row) }
        if let chapter = StatementRow.Topic.allCases.first(where: { $0.rawValue.uppercased() == wanted }) {
            return .chapter(
                title: chapter.rawValue, topics: [],
                statements: StatementTable.rows.filter { $0.topic == chapter }.map(\.name))
        }
        let byLead = StatementTable.rows.filter { row in
            row.leads.contains { $0.words.joined(separator: " ") == wanted }
        }
        if byLead.count == 1 { return .statement(byLead[0]) }
        let pattern = LikePattern(wanted.utf8.count <= SQLLimits.patternBytes ? wanted : "")
        let found = StatementTable.rows.filter { row in
            pattern.matches(row.name) || row.name.hasPrefix(wanted + " ") || row.name.hasSuffix(" " + wanted)
                || row.name.contains(" \(wanted) ")
        }
        switch found.count {
        case 0: return .nothing
        case 1: return .statement(found[0])
        default: return .several(found.map(\.name))
        }
    }
}

extension StatementRow {
    /// What it does, how it is written, and who may.
    public var description: String { "\(summary)\n\nSyntax:\n\(syntax)\n\nRight: \(right.words)\n" }
}

extension StatementRight {
    public var words: String {
        switch self {
        case .anyone: "whoever is logged in"
        case .cluster(let right): "\(right) on all databases"
        case .databases(let right): "\(right) on the database"
        }
    }
}
