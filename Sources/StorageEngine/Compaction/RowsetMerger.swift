internal import Platform
internal import TabletModel

/// Copies the rows of adjacent rowsets, in version order, into one new local rowset: those that a compaction merges, or the
/// last ones of a rowset that a follower cuts. Blocks are copied as they are stored,
/// each verified, without being decompressed; only blocks much smaller than blocks should be, and blocks of another
/// compressor, are written anew, so that a thousand small loads do not stay a thousand small blocks. Rows that a delete among
/// the inputs took away are left out; blocks that a delete goes for are looked through, and copied too where all rows stay.
struct RowsetMerger {
    let engine: StorageEngine
    let tablet: Tablet
    let writer: RowsetWriter
    /// nil: nothing is left out.
    private var deletes: DeleteFilter?
    private var droppedRows: Int64 = 0

    init(engine: StorageEngine, tablet: Tablet, writer: RowsetWriter) {
        self.engine = engine
        self.tablet = tablet
        self.writer = writer
    }

    /// All of the inputs, which follow each other; a delete is among them only when they begin at version 0.
    /// - Throws: `.brokenTablet` when that is not so, or a delete does not fit the columns; what `copy` throws.
    mutating func copy(_ inputs: [Rowset]) throws {
        if inputs.contains(where: { $0.meta.deletePredicate != nil }) {
            guard inputs.first?.meta.versions.start == 0 else {
                throw EngineError.brokenTablet(tablet.id, reason: "a delete would be merged without all rows before it")
            }
            deletes = try DeleteFilter(
                inputs, schema: tablet.header.schema, tablet: tablet.id, cache: engine.goneRows)
        }
        for input in inputs { try copy(input) }
    }

    /// - Parameter skipped: so many rows at its start are left out.
    /// - Throws: `SegmentError` or `.notFound` when an input is lost (it was taken out then), `.tabletNotRunning`, what the
    ///   file system throws.
    mutating func copy(_ rowset: Rowset, skipping skipped: Int64 = 0) throws {
        var skipped = skipped
        let isFiltered = deletes?.concerns(rowset) ?? false
        for (index, segment) in rowset.meta.segments.enumerated() {
            // A dropped tablet ends it soon.
            try tablet.checkRunning()
            if skipped >= segment.rowCount {
                skipped -= segment.rowCount
                continue
            }
            let reader = try reading(rowset) { try engine.openSegment(index, of: rowset, in: tablet) }
            let (oldest, newest) = (reader.footer.oldestWrite, reader.footer.newestWrite)
            let written = min(oldest, newest)...max(oldest, newest)
            while let block = reader.upcoming {
                if skipped >= block.rowCount {
                    skipped -= Int64(block.rowCount)
                    reader.skip()
                } else if isFiltered {
                    guard try copyVisible(block, of: reader, rowset, index, written) else { break }
                } else if skipped == 0, isCopied(block, of: reader) {
                    guard let stored = try reading(rowset, { try reader.nextStored() }) else { break }
                    try writer.append(copy: stored, written: written)
                } else {
                    guard let rows = try reading(rowset, { try reader.next() }) else { break }
                    try rows.forEachRow { row in
                        if skipped > 0 { skipped -= 1 } else { try writer.append(row: row, written: written) }
                    }
                }
            }
        }
    }

    /// The next block without what is gone. - Returns: false at the end.
    private mutating func copyVisible(
        _ block: SegmentBlock, of reader: SegmentReader, _ rowset: Rowset, _ segment: Int,
        _ written: ClosedRange<UnixTime>
    ) throws -> Bool {
        let read = try reading(rowset) {
            try reader.nextStored().map { (stored: $0, rows: try reader.rows(of: $0)) }
        }
        guard let (stored, rows) = read else { return false }
        let visible = deletes?.visible(rows, of: rowset, segment: segment, block: reader.lastBlock) ?? rows
        droppedRows += Int64(rows.rowCount - visible.rowCount)
        if visible.rowCount == rows.rowCount, isCopied(block, of: reader) {
            try writer.append(copy: stored, written: written)
        } else {
            try visible.forEachRow { try writer.append(row: $0, written: written) }
        }
        return true
    }

    private func isCopied(_ block: SegmentBlock, of reader: SegmentReader) -> Bool {
        reader.footer.compressor == engine.environment.compressor.formatCode
            && Int(block.rawBytes) * 4 >= engine.options.targetBlockBytes
    }

    private func reading<Result>(_ rowset: Rowset, _ body: () throws -> Result) throws -> Result {
        try engine.losing(rowset, of: tablet, body)
    }

    /// Segments and folder are durable on return.
    func finish(_ inputs: [Rowset], createdAt now: UnixTime) throws -> RowsetMeta {
        // Write times of empty rowsets mean nothing, unless all are.
        let filled = inputs.filter { $0.meta.rowCount > 0 }
        let timed = filled.isEmpty ? inputs : filled
        let (first, last) = (inputs[0].meta, inputs[inputs.count - 1].meta)
        var merged = try finish(
            VersionRange(first.versions.start, last.versions.end),
            rowCount: inputs.reduce(0) { $0 + $1.meta.rowCount } - droppedRows, createdAt: now,
            oldestWrite: timed.reduce(timed[0].meta.oldestWrite) { min($0, $1.meta.oldestWrite) },
            newestWrite: timed.reduce(timed[0].meta.newestWrite) { max($0, $1.meta.newestWrite) })
        merged.mergedTransactions = RowsetMeta.mergedTransactions(of: inputs.map(\.meta))
        merged.droppedRows = inputs.reduce(droppedRows) { $0 + $1.meta.droppedRows }
        merged.lastDelete = inputs.reduce(.none) { newest, input in
            max(newest, input.meta.deletePredicate == nil ? input.meta.lastDelete : input.meta.versions.end)
        }
        return merged
    }

    /// As `finish` of whole rowsets, for what was copied of one. It has the write times of all of it: its own are unknown.
    func finish(_ tail: RowsetTail, createdAt now: UnixTime) throws -> RowsetMeta {
        var finished = try finish(
            tail.versions, rowCount: tail.rowCount, createdAt: now, oldestWrite: tail.rowset.oldestWrite,
            newestWrite: tail.rowset.newestWrite)
        let transactions = RowsetMeta.mergedTransactions(of: [tail.rowset])
        finished.mergedTransactions = Array(transactions.suffix(Int(clamping: tail.versions.count)))
        // A whole delete that becomes local again; nothing else that deletes have a part in is cut (`FollowPlan`).
        finished.deletePredicate = tail.rowset.deletePredicate
        return finished
    }

    private func finish(
        _ versions: VersionRange, rowCount expected: Int64, createdAt now: UnixTime, oldestWrite: UnixTime,
        newestWrite: UnixTime
    ) throws -> RowsetMeta {
        let segments = try writer.finish()
        let rowCount = segments.reduce(0) { $0 + $1.rowCount }
        guard rowCount == expected else {
            throw EngineError.brokenTablet(
                tablet.id, reason: "\(rowCount) rows were copied for versions \(versions), its rowsets say \(expected)")
        }
        return RowsetMeta(
            id: writer.id, tabletID: tablet.id, schemaHash: tablet.schemaHash, partitionID: tablet.partitionID,
            versions: versions, rowCount: rowCount, sizeBytes: segments.reduce(0) { $0 + $1.sizeBytes },
            segments: segments, createdAt: now, oldestWrite: oldestWrite, newestWrite: newestWrite)
    }
}
