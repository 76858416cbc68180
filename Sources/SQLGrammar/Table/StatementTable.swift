/// All statements there are. The parser, HELP, docs/sql.md and the tests' list come from this table.
public enum StatementTable {
    public static let rows: [StatementRow] =
        databaseRows + tableRows + tableShowRows + rowRows + resourceRows + policyRows + backupRows + backendRows
        + clusterShowRows + adminRows + adminConfigRows + userRows + grantRows + sessionRows + settingRows
        + serverShowRows + preparedRows

    /// Rows by the first words of their leads: most statements are found by one look.
    static let byFirstWord: [String: [(lead: Lead, row: Int)]] = {
        var found: [String: [(lead: Lead, row: Int)]] = [:]
        for (index, row) in rows.enumerated() {
            for lead in row.leads { found[lead.words[0], default: []].append((lead, index)) }
        }
        return found
    }()
}
