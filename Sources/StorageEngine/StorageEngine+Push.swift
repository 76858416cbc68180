internal import ByteText
internal import Logging
internal import Platform
internal import StoredFormats
internal import Synchronization
public import TabletModel

extension StorageEngine {
    /// PUSH: fetches the file and keeps its lines as the transaction's pending rowset of the tablet. A row is a line
    /// without its "\n"; the last line may lack it. Rows in other columns than the tablet's (`rowColumns`) are kept in the
    /// tablet's: so a load that began before a schema change can end after it. Memory is bounded by a block, a line and what the fetcher hands over.
    ///
    /// The same PUSH again does nothing; another file replaces the pending rowset; after the publish nothing is replaced.
    /// On return the rowset survives a crash: segments, folder, then one synced batch.
    ///
    /// - Returns: the tablet's row (which does not show what is pending).
    /// - Throws: `.invalidArgument`, `.notImplemented` (compressed files), `.unknownTablet`,
    ///   `.schemaHashMismatch`, `.sizeMismatch`, `.busy`, `.loading`, `.metaUnavailable`, `.dataDirUnusable`, `.dataDirReadOnly`,
    ///   `.noDataDirWithSpace`; `HTTPFetchError`, `FileSystemError`, `SegmentError` (a row too long).
    public func push(_ request: PushRequest) throws -> TabletReportRow {
        if request.pushType == .delete { return try pushDelete(request) }
        let load = try check(request)
        return try withServed(request.tabletID, request.schemaHash) { try push(load, request, into: $0) }
    }

    private func push(_ load: Load, _ request: PushRequest, into tablet: Tablet) throws -> TabletReportRow {
        try tablet.checkTakesRows()
        try tablet.dataDir.checkChangeable()
        let plan = try reshapePlan(request, tablet)
        let key = PendingKey(
            transaction: load.transaction, partition: request.partitionID ?? tablet.partitionID, tablet: tablet.id)
        guard pending.begin(key) else { throw EngineError.busy(tablet.id, what: "the same PUSH") }
        defer { pending.end(key) }

        if isRepeated(load, key, tablet) { return row(of: tablet) }
        if let reason = tablet.dataDir.refusalOfData() {
            throw EngineError.noDataDirWithSpace(medium: tablet.dataDir.medium, reasons: [reason])
        }
        try checkSize(load.announcedBytes ?? 0, of: tablet)
        let writer = RowsetWriter(tablet, id: environment.random.rowsetID(), now: environment.time.wallNow)
        defer {
            writer.end()
            tablet.dataDir.drainGarbage()
        }
        do {
            let size = try fetch(load, plan, into: writer, tablet)
            let rowset = try rowset(writer, key, tablet)
            let source = recordedSource(load.url)
            try keep(PendingRowset(rowset: rowset, source: source, sourceSizeBytes: size), key, tablet)
            counters.pushedRows.add(rowset.rowCount, ordering: .relaxed)
            counters.pushedBytes.add(rowset.sizeBytes, ordering: .relaxed)
            logger.info(
                "rowset pending",
                metadata: [
                    "tablet": "\(tablet.id)", "transaction": "\(key.transaction)", "rows": "\(rowset.rowCount)",
                    "bytes": "\(rowset.sizeBytes)",
                ])
        } catch let error as EngineError {
            // After a failed sync the record may be there, so its files must be: the restart decides.
            if case .metaUnavailable = error { throw error }
            writer.abandon()
            throw error
        } catch {
            writer.abandon()
            throw error
        }
        return row(of: tablet)
    }

    private struct Load {
        var transaction: TransactionID
        var url: String
        var announcedBytes: Int64?
        var timeoutSeconds: Int64
    }

    private func check(_ request: PushRequest) throws -> Load {
        let name = "PUSH of tablet \(request.tabletID)"
        guard request.pushType == .load || request.pushType == .loadV2 else {
            throw EngineError.notImplemented("\(name) of type \(request.pushType)")
        }
        guard request.deleteConditions.isEmpty else {
            throw EngineError.invalidArgument("\(name) is a load and has conditions of a delete: it can't be both")
        }
        if request.needsDecompression { throw EngineError.notImplemented("\(name) of a compressed file") }
        guard let transaction = request.transactionID, transaction > 0 else {
            throw EngineError.invalidArgument("\(name) names no transaction")
        }
        guard let url = request.url, !url.isEmpty else {
            throw EngineError.invalidArgument("\(name) names no file to fetch")
        }
        return Load(
            transaction: transaction, url: url, announcedBytes: request.sizeBytes,
            timeoutSeconds: request.timeoutSeconds)
    }

    /// The transaction's rowset is visible already, or the same file is pending.
    private func isRepeated(_ load: Load, _ key: PendingKey, _ tablet: Tablet) -> Bool {
        if tablet.holds(load.transaction) {
            logger.info(
                "PUSH of a published transaction changes nothing",
                metadata: ["tablet": "\(tablet.id)", "transaction": "\(load.transaction)"])
            return true
        }
        // Older builds recorded the URL as it came.
        guard let known = pending[key]?.pending, [recordedSource(load.url), load.url].contains(known.source) else {
            return false
        }
        return load.announcedBytes == nil || load.announcedBytes == known.sourceSizeBytes
    }

    /// Between the columns that the file has and the tablet's own; nil: the rows are taken as they are.
    private func reshapePlan(_ request: PushRequest, _ tablet: Tablet) throws(EngineError) -> ReshapePlan? {
        let schema = tablet.header.schema
        guard let columns = request.rowColumns, schema.delimiter != nil else { return nil }
        let plan = try ReshapePlan(tablet: tablet.id, from: columns, to: schema)
        return plan.isIdentity ? nil : plan
    }

    /// - Returns: bytes of the file.
    private func fetch(
        _ load: Load, _ plan: ReshapePlan?, into writer: RowsetWriter, _ tablet: Tablet
    ) throws -> Int64 {
        var lines = LineSplitter()
        let reshaper = plan.map { RowReshaper($0) }
        func append(_ row: UnsafeRawBufferPointer, _ now: UnixTime) throws {
            guard let reshaper else { return try writer.append(row: row, writtenAt: now) }
            try reshaper.reshape(row) { try writer.append(row: $0, writtenAt: now) }
        }
        var size: Int64 = 0
        let limit = options.maxRowBytes
        try environment.fetcher.fetch(load.url, range: nil, timeoutSeconds: load.timeoutSeconds) { piece in
            size += Int64(piece.count)
            if let announced = load.announcedBytes, size > announced {
                throw EngineError.sizeMismatch(url: redactedURL(load.url), expected: announced, got: size)
            }
            try checkSize(size, of: tablet)
            let now = environment.time.wallNow
            try lines.add(piece) { try append($0, now) }
            guard lines.unfinishedBytes <= limit else {
                throw SegmentError(file: redactedURL(load.url), .rowTooLong(bytes: lines.unfinishedBytes, limit: limit))
            }
        }
        if let announced = load.announcedBytes, size != announced {
            throw EngineError.sizeMismatch(url: redactedURL(load.url), expected: announced, got: size)
        }
        let now = environment.time.wallNow
        try lines.finish { try append($0, now) }
        return size
    }

    private func checkSize(_ bytes: Int64, of tablet: Tablet) throws(EngineError) {
        guard bytes <= options.maxPushBytes else {
            throw .invalidArgument(
                "PUSH of tablet \(tablet.id): its file is larger than \(options.maxPushBytes) bytes: load it in parts, or "
                    + "raise push_max_bytes")
        }
    }

    private func rowset(_ writer: RowsetWriter, _ key: PendingKey, _ tablet: Tablet) throws -> RowsetMeta {
        let segments = try writer.finish()
        return RowsetMeta(
            id: writer.id, tabletID: tablet.id, schemaHash: tablet.schemaHash, partitionID: key.partition,
            transactionID: key.transaction, versions: VersionRange(0, 0),
            rowCount: segments.reduce(0) { $0 + $1.rowCount }, sizeBytes: segments.reduce(0) { $0 + $1.sizeBytes },
            segments: segments, createdAt: environment.time.wallNow, oldestWrite: writer.oldestWrite,
            newestWrite: writer.newestWrite)
    }

    /// Durable on return. Another rowset of the transaction that was pending goes.
    func keep(_ rowset: PendingRowset, _ key: PendingKey, _ tablet: Tablet) throws {
        let replaced = try tablet.turn.withLock { _ in
            try tablet.checkTakesRows()
            if tablet.holds(key.transaction) {
                throw EngineError.conflict(
                    tablet.id, reason: "transaction \(key.transaction) was published while its PUSH ran")
            }
            var batch = WriteBatch()
            batch.put(key.metaKey, try PendingRowsetRecord.encode(rowset))
            try tablet.dataDir.writeMeta(batch)
            tablet.dataDir.localBytes.add(rowset.rowset.sizeBytes, ordering: .relaxed)
            return pending.put(
                PendingTable.Entry(
                    key: key, pending: rowset, dataDir: tablet.dataDir, shard: tablet.header.shardID))
        }
        if let replaced { discard(replaced) }
    }
}
