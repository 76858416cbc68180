/// docs/sql.md, but for its introduction.
public enum StatementReference {
    public static var text: String {
        var text = ""
        for topic in StatementRow.Topic.allCases {
            text += "\n## \(topic.rawValue)\n"
            for row in StatementTable.rows where row.topic == topic {
                text += "\n### \(row.name)\n\n"
                text += "```sql\n\(row.syntax)\n```\n\n\(row.summary)\n\nRight: \(row.right.words). Example:\n\n"
                text += "```sql\n\(row.example);\n```\n"
            }
        }
        return text
    }

    /// Words that are names only between backticks.
    public static var reservedWords: [String] { SQLParser.reservedWords }
}
