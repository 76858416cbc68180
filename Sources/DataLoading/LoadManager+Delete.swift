internal import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import Platform
internal import RowConditions
internal import TabletModel

/// Deletes by condition: loads without rows. Every replica of every tablet takes the conditions as a pending rowset, and from
/// there on a delete is committed, published and recovered as a load is. So loads and deletes of a table have one order, that
/// of their versions: a delete takes the rows of the loads before it, and none of those after it.
extension LoadManager {
    /// How much of a condition the journal keeps, for people.
    private static let shownConditionBytes = 1000

    /// Checks the condition against the table's columns, journals the delete and sends it. Poll `view` until it ended.
    /// - Throws: `.invalidArgument` with the place of what is not understood, or with the column and the value that don't fit;
    ///   nothing was made then. `.labelAlreadyExists` and others as `begin`.
    public func delete(_ request: DeleteRowsRequest) throws -> LoadView {
        try TableRequestCheck.label(request.label)
        let clause: WhereClause
        do throws(WhereError) {
            clause = try WhereClause(request.condition)
        } catch {
            throw MasterError(
                .invalidArgument, "the condition is not understood \(error)",
                nextStep: "write it as in: carrier = 'UA' AND dep_delay > 60 AND tailnum IS NOT NULL")
        }
        try checkRunningLimit()
        enterBegin()
        defer { leaveBegin() }
        var conditions: [DeleteCondition] = []
        let (transaction, table) = try journalPrepared(
            request.table, label: request.label, timeoutMs: request.timeoutMs
        ) { table, transaction in
            try Self.checkNotAltered(table, request.table)
            conditions = try Self.checked(clause.conditions, for: table, named: request.table)
            transaction.deleteCondition = DeleteCondition.words(clause.conditions, limit: Self.shownConditionBytes)
        }
        let session = LoadSession(
            transaction: transaction, phase: .pushing, tablets: table.tablets(ofLoad: transaction.id), token: "",
            spool: nil, conditions: conditions,
            commitBy: environment.monotonicNow + .milliseconds(transaction.timeoutMs))
        let totals = LoadSpool.Totals(fileBytes: [])
        session.with { $0.totals = totals }
        add(session)
        watchDeadline(of: session)
        try startPush(session, totals)
        return view(session)
    }

    /// The new tablets would take the delete by columns that they may not have, before the rows that it is for.
    private static func checkNotAltered(_ table: Table, _ name: TableName) throws(MasterError) {
        guard table.alter != nil else { return }
        throw MasterError(
            .unavailable, "the columns of table \(name) are being changed",
            nextStep: "delete when that has ended (tabletctl alters), or end it: tabletctl alter-table \(name) --cancel"
        )
    }

    /// The conditions with the columns' ids, which stay when a column is renamed.
    private static func checked(
        _ conditions: [DeleteCondition], for table: Table, named name: TableName
    ) throws(MasterError) -> [DeleteCondition] {
        guard !table.columns.isEmpty else {
            throw MasterError(
                .invalidArgument, "table \(name) has no named columns, so that there is nothing to compare",
                nextStep: "create it with --columns or --columns-from, and load it again")
        }
        do throws(ConditionError) {
            _ = try RowTest(conditions, schema: TableRequestCheck.schema(of: table, hash: 0))
        } catch {
            throw MasterError(
                .invalidArgument, "rows of table \(name) can't be deleted so: \(error)",
                nextStep: "see its columns and their types with tabletctl table \(name)")
        }
        return conditions.map { condition in
            var condition = condition
            condition.columnUniqueID = table.columns.first { $0.name == condition.column }?.uniqueID
            return condition
        }
    }

    func deleteTask(
        _ session: LoadSession, _ place: Int, schemaHash: SchemaHash, partition: PartitionID?,
        _ conditions: [DeleteCondition]
    ) -> AgentTask {
        let (timeoutMs, first) = session.with { ($0.transaction.timeoutMs, $0.firstSignature) }
        let request = PushRequest(
            tabletID: session.tablets[place], schemaHash: schemaHash, timeoutSeconds: max(1, timeoutMs / 1000),
            pushType: .delete, transactionID: session.id, partitionID: partition, deleteConditions: conditions)
        return AgentTask(type: .realtimePush, signature: first + Int64(place), payload: .push(request))
    }
}

extension PushPlan {
    /// What a column is in a row only our own backends know.
    mutating func leaveOutForeignBackends(in state: ClusterState) {
        func isOurs(_ backend: BackendID) -> Bool { state.backend(backend)?.isOurs ?? false }
        besides.removeAll { !isOurs($0.backendID) }
        for (tablet, backends) in replicas {
            for backend in backends where !isOurs(backend) {
                excluded[.init(tablet, backend)] = "its backend is no tabletd-be, which alone can delete by condition"
            }
        }
    }
}
