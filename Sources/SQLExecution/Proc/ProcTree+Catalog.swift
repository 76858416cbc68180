internal import HTTPAPI
internal import MasterCore
internal import SQLSessions
internal import TabletModel

extension ProcTree {
    /// Of one table in one answer, which is all in memory.
    private static let tabletLimit = 20_000

    /// /dbs/{database}/{table}/partitions/{partition}/{index}/{tablet}, by ids.
    func databases(_ parts: [String]) throws -> ResultTable? {
        let databases = try control.databases()
        guard let first = parts.first else { return try list(databases) }
        guard let database = databases.first(where: { "\($0.id)" == first }) else { return nil }
        let tables = try control.tables(inDatabase: database.name)
        guard parts.count > 1 else { return list(tables) }
        guard let table = tables.first(where: { "\($0.id)" == parts[1] }) else { return nil }
        switch parts.count {
        case 2: return ResultTable(["Nodes"], [["partitions"], ["index_schema"]])
        case 3 where parts[2] == "index_schema": return CatalogTables.columns(table, isFull: false, nil)
        case 3 where parts[2] == "partitions": return PartitionsTable.table([table])
        default: return parts[2] == "partitions" ? try partition(table, Array(parts.dropFirst(3))) : nil
        }
    }

    private func partition(_ table: TableView, _ parts: [String]) throws -> ResultTable? {
        // The only index of a partition has its id.
        guard parts.prefix(2).allSatisfy({ $0 == "\(table.partitionID)" }) else { return nil }
        switch parts.count {
        case 1:
            return ResultTable(
                ["IndexId", "IndexName", "State", "LastConsistencyCheckTime"],
                [["\(table.partitionID)", table.name.table, table.state.uppercased(), nil]])
        case 2:
            guard table.buckets <= Self.tabletLimit else {
                throw SQLError.tooLarge(
                    "\(table.name) has \(table.buckets) tablets, more than the \(Self.tabletLimit) that are listed here: "
                        + "SHOW TABLETS FROM lists them as they are read")
            }
            return TabletsTable.table(try control.tablets(of: table.name))
        case 3:
            guard let id = Int64(parts[2]) else { return nil }
            let tablet = try control.tablet(TabletID(id))
            return tablet.table == table.name ? TabletsTable.replicas(tablet) : nil
        default: return nil
        }
    }

    private func list(_ databases: [DatabaseView]) throws -> ResultTable {
        let tables = Dictionary(grouping: try control.tables(inDatabase: nil), by: \.name.database)
        return ResultTable(
            [
                "DbId", "DbName", "TableNum", "Size", "Quota", "LastConsistencyCheckTime", "ReplicaCount",
                "ReplicaQuota",
            ],
            databases.map { database in
                let own = tables[database.name] ?? []
                return [
                    "\(database.id)", database.name, "\(database.tableCount)",
                    DorisTexts.size(own.reduce(0) { $0 &+ $1.localBytes }), nil, nil,
                    "\(own.reduce(0) { $0 &+ $1.replicaCount })", nil,
                ]
            })
    }

    private func list(_ tables: [TableView]) -> ResultTable {
        ResultTable(
            [
                "TableId", "TableName", "IndexNum", "PartitionColumnName", "PartitionNum", "State", "Type",
                "LastConsistencyCheckTime", "ReplicaCount",
            ],
            tables.map {
                [
                    "\($0.id)", $0.name.table, "1", nil, "1", $0.state.uppercased(), "OLAP", nil, "\($0.replicaCount)",
                ]
            })
    }

    /// Counts of each database, and of all.
    func statistic() throws -> ResultTable {
        let tables = Dictionary(grouping: try control.tables(inDatabase: nil), by: \.name.database)
        let databases = try control.databases()
        func counts(_ tables: [TableView]) -> [String?] {
            let unhealthy = tables.reduce(Int64(0)) { $0 + $1.replicaCount - $1.healthyReplicaCount }
            return [
                "\(tables.count)", "\(tables.count)", "\(tables.count)", "\(tables.reduce(0) { $0 + $1.buckets })",
                "\(tables.reduce(0) { $0 + $1.replicaCount })", "\(unhealthy)",
            ]
        }
        return ResultTable(
            [
                "DbId", "DbName", "TableNum", "PartitionNum", "IndexNum", "TabletNum", "ReplicaNum",
                "UnhealthyReplicaNum",
            ],
            databases.map { ["\($0.id)", $0.name] + counts(tables[$0.name] ?? []) }
                + [["Total", "\(databases.count)"] + counts(tables.values.flatMap { $0 })])
    }
}
