internal import Platform
internal import TabletModel

/// Copies the rows of adjacent local rowsets, in version order, into one new rowset. Blocks are copied as they are stored,
/// each verified, without being decompressed; only blocks much smaller than blocks should be, and blocks of another
/// compressor, are written anew, so that a thousand small loads do not stay a thousand small blocks.
struct RowsetMerger {
    let engine: StorageEngine
    let tablet: Tablet
    let writer: RowsetWriter

    /// - Throws: `SegmentError` or `.notFound` when an input is lost (it was taken out then), `.tabletNotRunning`, what the
    ///   file system throws.
    func copy(_ rowset: Rowset) throws {
        for index in rowset.meta.segments.indices {
            // A dropped tablet ends it soon.
            try tablet.checkRunning()
            let reader = try reading(rowset) { try engine.openSegment(index, of: rowset, in: tablet) }
            let (oldest, newest) = (reader.footer.oldestWrite, reader.footer.newestWrite)
            let written = min(oldest, newest)...max(oldest, newest)
            while let block = reader.upcoming {
                if isCopied(block, of: reader) {
                    guard let stored = try reading(rowset, { try reader.nextStored() }) else { break }
                    try writer.append(copy: stored, written: written)
                } else {
                    guard let rows = try reading(rowset, { try reader.next() }) else { break }
                    try rows.forEachRow { try writer.append(row: $0, written: written) }
                }
            }
        }
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
        let segments = try writer.finish()
        let rowCount = segments.reduce(0) { $0 + $1.rowCount }
        let expected = inputs.reduce(0) { $0 + $1.meta.rowCount }
        guard rowCount == expected else {
            throw EngineError.brokenTablet(
                tablet.id, reason: "\(rowCount) rows were merged, the \(inputs.count) rowsets say \(expected)")
        }
        // Write times of empty rowsets mean nothing, unless all are.
        let filled = inputs.filter { $0.meta.rowCount > 0 }
        let timed = filled.isEmpty ? inputs : filled
        let (first, last) = (inputs[0].meta, inputs[inputs.count - 1].meta)
        return RowsetMeta(
            id: writer.id, tabletID: tablet.id, schemaHash: tablet.schemaHash, partitionID: last.partitionID,
            versions: VersionRange(first.versions.start, last.versions.end), rowCount: rowCount,
            sizeBytes: segments.reduce(0) { $0 + $1.sizeBytes }, segments: segments, createdAt: now,
            oldestWrite: timed.reduce(timed[0].meta.oldestWrite) { min($0, $1.meta.oldestWrite) },
            newestWrite: timed.reduce(timed[0].meta.newestWrite) { max($0, $1.meta.newestWrite) })
    }
}
