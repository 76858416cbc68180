internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions

extension SQLConnection {
    /// Waits until the replicas are there.
    func createTable(_ definition: TableDefinition) throws -> SQLReply {
        let control = try control()
        let name = try tableName(definition.name)
        var notes: [String] = []
        let request = try TableRequest.make(definition, name, &notes)
        let job: JobView
        do { job = try control.createTable(request) } catch let error as MasterError
            where error.code == .alreadyExists && definition.ifNotExists
        {
            return done(warnings: [error.message])
        }
        try wait(for: job, "table \(name) is being made")
        return done(warnings: notes)
    }
}

/// CREATE TABLE as the master is asked.
enum TableRequest {
    /// - Parameter notes: what of the statement means nothing here.
    static func make(
        _ definition: TableDefinition, _ name: TableName, _ notes: inout [String]
    ) throws -> CreateTableRequest {
        let names = definition.columns.map(\.name)
        guard let distribution = definition.distributionColumn else {
            throw SQLError.syntax("DISTRIBUTED BY HASH (column) BUCKETS n is missing")
        }
        guard let place = names.firstIndex(of: distribution) else {
            throw unknownColumn(distribution, "DISTRIBUTED BY")
        }
        for (place, key) in definition.keyColumns.enumerated() where place >= names.count || names[place] != key {
            guard names.contains(key) else { throw unknownColumn(key, "DUPLICATE KEY") }
            throw SQLError.syntax("the columns of DUPLICATE KEY are the first columns of the table, in their order")
        }
        if definition.columns.contains(where: { !$0.isNullable || $0.defaultValue != nil || !$0.type.arguments.isEmpty }
        ) {
            notes.append(
                "NOT NULL, DEFAULT, lengths and digits are not kept: rows are lines of text, as they were loaded")
        }
        if definition.columns.contains(where: { $0.comment != nil }) { notes.append("comments are not kept") }
        var properties = Properties(definition.properties)
        let replicas = try replicaCount(&properties)
        let policy = try properties.take("storage_policy")
        let cluster = try properties.take("cluster")
        let delimiter = try properties.take("delimiter", "column_separator") ?? ","
        let hasHeader = try properties.bool("has_header") ?? false
        for key in meaningless where try properties.take(key) != nil {
            notes.append("the property \"\(key)\" means nothing here")
        }
        try properties.end("replication_num, replication_allocation, storage_policy, cluster, delimiter and has_header")
        var request = CreateTableRequest(
            name: name, buckets: Int(clamping: definition.buckets ?? 10), replicas: Int(clamping: replicas),
            columns: names, distributionColumn: place, delimiter: delimiter, hasHeader: hasHeader,
            storagePolicy: policy.flatMap { $0.isEmpty ? nil : $0 },
            columnTypes: try definition.columns.map { try ColumnTypes.kept($0.type) })
        request.cluster = cluster.flatMap { $0.isEmpty ? nil : $0 }
        return request
    }

    /// Of Doris' tables, that change nothing here.
    private static let meaningless = [
        "in_memory", "storage_format", "light_schema_change", "disable_auto_compaction", "compression",
        "enable_single_replica_compaction", "storage_medium", "is_being_synced", "bloom_filter_columns",
        "min_load_replica_num", "inverted_index_storage_format",
    ]

    /// `"replication_num" = "3"`, or `"replication_allocation" = "tag.location.default: 3"`.
    private static func replicaCount(_ properties: inout Properties) throws -> Int64 {
        let number = try properties.number("replication_num")
        guard let allocation = try properties.take("replication_allocation") else { return number ?? 3 }
        let parts = allocation.split(separator: ":").map { $0.filter { $0 != " " } }
        guard number == nil, parts.count == 2, parts[0] == "tag.location.default", let count = Int64(parts[1]) else {
            throw Properties.wrong(
                "a replication_allocation is \"tag.location.default: n\", and without replication_num")
        }
        return count
    }

    private static func unknownColumn(_ name: String, _ place: String) -> SQLError {
        SQLError(1054, "42S22", "\(place) names '\(name)', which is no column of the table")
    }
}
