internal import AccessControl
internal import SQLSessions

enum UserTables {
    static func users(_ users: [SQLUserView]) -> ResultTable {
        ResultTable(
            ["User", "Password", "GlobalRight", "DatabaseRights"],
            users.map { [$0.name, DorisTexts.yes($0.hasPassword), $0.right?.description, databases($0)] })
    }

    /// With Doris' columns.
    static func grants(_ users: [SQLUserView]) -> ResultTable {
        ResultTable(
            [
                "UserIdentity", "Password", "GlobalPrivs", "CatalogPrivs", "DatabasePrivs", "TablePrivs",
                "ResourcePrivs",
            ],
            users.map {
                [
                    "'\($0.name)'@'%'", DorisTexts.yes($0.hasPassword), $0.right?.description, nil, databases($0), nil,
                    nil,
                ]
            })
    }

    private static func databases(_ user: SQLUserView) -> String? {
        let shown = user.databases.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return shown.isEmpty ? nil : shown.joined(separator: "; ")
    }
}
