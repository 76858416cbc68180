internal import Logging
internal import Platform
internal import RowConditions
internal import StoredFormats
internal import TabletModel

extension StorageEngine {
    /// PUSH of a delete: keeps its conditions as the transaction's pending rowset, which has no rows. Published like any other,
    /// it takes away the rows of lower versions for which all of them hold.
    ///
    /// Everything is checked against the tablet's columns before anything is made. The same PUSH again does nothing; other
    /// conditions replace those that are pending. On return the rowset survives a crash.
    ///
    /// - Throws: `.invalidArgument` (which column, which value, and why), `.unknownTablet`, `.schemaHashMismatch`,
    ///   `.tabletNotRunning`, `.tooManyDeletes`, `.busy`, `.loading`, `.metaUnavailable`, `.dataDirUnusable`, `.dataDirReadOnly`.
    func pushDelete(_ request: PushRequest) throws -> TabletReportRow {
        let transaction = try checkMembers(of: request)
        return try withServed(request.tabletID, request.schemaHash) { try pushDelete(request, transaction, into: $0) }
    }

    private func pushDelete(
        _ request: PushRequest, _ transaction: TransactionID, into tablet: Tablet
    ) throws -> TabletReportRow {
        try tablet.checkRunning()
        try tablet.dataDir.checkChangeable()
        do throws(ConditionError) {
            _ = try RowTest(request.deleteConditions, schema: tablet.header.schema)
        } catch {
            throw EngineError.invalidArgument("delete in tablet \(tablet.id): \(error)")
        }
        let key = PendingKey(
            transaction: transaction, partition: request.partitionID ?? tablet.partitionID, tablet: tablet.id)
        guard pending.begin(key) else { throw EngineError.busy(tablet.id, what: "the same PUSH") }
        defer { pending.end(key) }

        let predicate = DeletePredicate.shared(request.deleteConditions)
        if isRepeated(predicate, key, tablet) { return row(of: tablet) }
        let deletes = tablet.rowsets.count { $0.meta.deletePredicate != nil }
        guard deletes < options.maxDeletes else {
            throw EngineError.tooManyDeletes(tablet.id, count: deletes)
        }
        let rowset = emptyRowset(predicate, key, tablet)
        defer { tablet.dataDir.drainGarbage() }
        try keep(PendingRowset(rowset: rowset, source: "delete", sourceSizeBytes: 0), key, tablet)
        logger.info(
            "delete pending",
            metadata: [
                // Not the values: they are what somebody wants to be gone.
                "tablet": "\(tablet.id)", "transaction": "\(transaction)",
                "columns": "\(predicate.conditions.map(\.column).joined(separator: ","))",
            ])
        return row(of: tablet)
    }

    private func checkMembers(of request: PushRequest) throws(EngineError) -> TransactionID {
        let name = "delete in tablet \(request.tabletID)"
        if let url = request.url, !url.isEmpty {
            throw .invalidArgument("\(name): it names a file to load as well: it can't be both")
        }
        // Before transactions a delete came with its version alone. Nothing would order it among the loads of other replicas.
        guard let transaction = request.transactionID, transaction > 0 else {
            throw .invalidArgument(
                "\(name): it names no transaction, only version \(request.version): deletes are published like loads")
        }
        return transaction
    }

    private func isRepeated(_ predicate: DeletePredicate, _ key: PendingKey, _ tablet: Tablet) -> Bool {
        if tablet.holds(key.transaction) {
            logger.info(
                "PUSH of a published transaction changes nothing",
                metadata: ["tablet": "\(tablet.id)", "transaction": "\(key.transaction)"])
            return true
        }
        return pending[key]?.pending.rowset.deletePredicate == predicate
    }

    private func emptyRowset(_ predicate: DeletePredicate, _ key: PendingKey, _ tablet: Tablet) -> RowsetMeta {
        let now = environment.time.wallNow
        var rowset = RowsetMeta(
            id: environment.random.rowsetID(), tabletID: tablet.id, schemaHash: tablet.schemaHash,
            partitionID: key.partition, transactionID: key.transaction, versions: VersionRange(0, 0), createdAt: now,
            oldestWrite: now, newestWrite: now)
        rowset.deletePredicate = predicate
        return rowset
    }
}
