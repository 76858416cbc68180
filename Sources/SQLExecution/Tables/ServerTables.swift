internal import SQLGrammar
internal import SQLSessions

/// What MySQL's clients read of a server: nothing of it depends on the cluster.
enum ServerTables {
    static let mysqlVersion = "5.7.99"

    static let engines = ResultTable(
        ["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"],
        [["Olap engine", "YES", "Default storage engine of tabletd", "NO", "NO", "NO"]])

    static func collations(_ filter: SQLFilter?) -> ResultTable {
        let known = [
            ["utf8_general_ci", "utf8", "33", "Yes", "Yes", "1"],
            ["utf8mb4_general_ci", "utf8mb4", "45", "Yes", "Yes", "1"],
            ["utf8mb4_bin", "utf8mb4", "46", "", "Yes", "1"],
        ]
        return ResultTable(
            ["Collation", "Charset", "Id", "Default", "Compiled", "Sortlen"],
            known.filter { row in filter.map { $0.holds(for: row[0]) || $0.holds(for: row[1]) } ?? true })
    }

    static func characterSets(_ filter: SQLFilter?) -> ResultTable {
        let known = [
            ["utf8", "UTF-8 Unicode", "utf8_general_ci", "3"], ["utf8mb4", "UTF-8 Unicode", "utf8mb4_general_ci", "4"],
        ]
        return ResultTable(
            ["Charset", "Description", "Default collation", "Maxlen"],
            known.filter { row in filter.map { $0.holds(for: row[0]) } ?? true })
    }
}
