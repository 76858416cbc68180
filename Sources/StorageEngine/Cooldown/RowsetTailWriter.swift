internal import Platform
internal import TabletModel

/// Writes what a follower keeps of the rowsets that it gives up (`RowsetTail`), as new local rowsets. Durable before they are
/// recorded; after a crash before that they are orphans, which the next start removes. Used by one thread.
final class RowsetTailWriter {
    private let tablet: Tablet
    private var writers: [RowsetWriter] = []
    private var rowsets: [RowsetMeta] = []
    /// The folder stays where it is, although the tablet may be dropped.
    private let hold: TabletHold?

    /// - Parameter rowsets: of the tablet, those of the tails among them.
    /// - Throws: `CooldownError.aborted`, `.tabletNotRunning`, `.noDataDirWithSpace`; `SegmentError` or `FileSystemError`. A
    ///   corrupt rowset has left the tablet then (`loseRowset`). Nothing is left of what was written.
    init(
        _ tails: [RowsetTail], of rowsets: [Rowset], in tablet: Tablet, _ engine: StorageEngine, _ run: CooldownRun
    ) throws {
        self.tablet = tablet
        guard !tails.isEmpty else {
            hold = nil
            return
        }
        hold = try tablet.hold()
        let bytes = tails.reduce(0) { $0 + $1.estimatedBytes }
        if bytes > 0 { try engine.checkSpace(for: bytes, in: tablet.dataDir, "the cut of a rowset") }
        do {
            for tail in tails {
                try run.check()
                guard let source = rowsets.first(where: { $0.meta.id == tail.rowset.id }) else {
                    throw EngineError.conflict(tablet.id, reason: "rowset \(tail.rowset.id) is not visible any more")
                }
                self.rowsets.append(try write(tail, of: source, engine))
            }
            try run.check()
        } catch {
            abandon()
            throw error
        }
    }

    private func write(_ tail: RowsetTail, of source: Rowset, _ engine: StorageEngine) throws -> RowsetMeta {
        let now = engine.environment.time.wallNow
        let writer = RowsetWriter(tablet, id: engine.environment.random.rowsetID(), now: now)
        writers.append(writer)
        var merger = RowsetMerger(engine: engine, tablet: tablet, writer: writer)
        if tail.rowCount > 0 { try merger.copy(source, skipping: tail.skippedRows) }
        return try merger.finish(tail, createdAt: now)
    }

    /// Runs the commit that records them, after which this is of no use any more.
    func commit(_ body: ([RowsetMeta]) throws -> Void) throws {
        do {
            try body(rowsets)
            end()
        } catch EngineError.metaUnavailable(let dataDir, let reason) {
            // After a failed sync the record may be there, so its files must be: the restart decides.
            end()
            throw EngineError.metaUnavailable(dataDir: dataDir, reason: reason)
        } catch {
            abandon()
            throw error
        }
    }

    private func abandon() {
        for writer in writers { writer.abandon() }
        end()
    }

    private func end() {
        for writer in writers { writer.end() }
        writers = []
    }
}
