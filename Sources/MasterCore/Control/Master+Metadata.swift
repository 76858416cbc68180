internal import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import TabletModel

extension Master {
    public func metadataStatus() throws -> MetadataStatusView { older.view }

    public func adoptMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView { try older.adopt(choice) }

    public func discardMetadata(_ choice: MetadataChoice) throws -> MetadataSettledView { try older.discard(choice) }

    public func metadataInfo() throws -> MetadataInfoView {
        try readingMetadata("looked at") { try environment.store.info() }
    }

    public func metadataStats() throws -> MetadataStatsView {
        try readingMetadata("weighed") { try environment.store.stats() }
    }

    public func metadataLog(from first: Int64, to last: Int64?) throws -> JournalLinesView {
        try readingMetadata("read") { try environment.store.lines(from: first, to: last ?? .max, limit: 1000) }
    }

    private func readingMetadata<Result>(_ verb: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw MasterError(
                .internalError, "meta_dir could not be \(verb): \(error)",
                nextStep: "see to the disk of meta_dir, then try again")
        }
    }

    public func checkpoint() throws -> CheckpointView {
        let begun = environment.monotonicNow
        do {
            let written = try environment.store.checkpoint()
            return CheckpointView(
                logID: written.logID, imageBytes: written.imageBytes,
                durationMs: (environment.monotonicNow - begun).wholeMilliseconds)
        } catch MetadataError.checkpointRunning {
            throw MasterError(.conflict, "a checkpoint is being written", nextStep: "wait until it ends")
        } catch let error as MetadataError {
            guard case .unwritable = error else { throw imageNotWritten(error) }
            throw MasterError(
                .readOnly, "no image was written: \(error)",
                nextStep: "see to the disk of meta_dir; the FE goes on by itself once it can write there again")
        } catch {
            throw imageNotWritten(error)
        }
    }

    /// Or it was, and the journal was not cut behind it: either way nothing that a restart needs is gone.
    private func imageNotWritten(_ error: any Error) -> MasterError {
        MasterError(
            .internalError, "the checkpoint did not come to its end, and nothing was lost: \(error)",
            nextStep: "see to the disk of meta_dir, then try again")
    }
}
