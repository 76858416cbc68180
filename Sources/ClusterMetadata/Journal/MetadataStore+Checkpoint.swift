public import Logging
internal import Synchronization
public import TabletModel

/// What a checkpoint wrote.
public struct Checkpoint: Hashable, Sendable {
    /// Everything up to this log id is in the image.
    public var logID: Int64
    public var imageBytes: Int64
}

extension MetadataStore {
    /// Log id that the newest image covers; 0 when there is none.
    public var imageLogID: Int64 { checkpoints.withLock { $0.imageLogID } }

    /// Writes an image if one is due; a scheduled job asks every few seconds. Blocking.
    public func checkpointIfDue(now: MonotonicTime) throws -> Checkpoint? {
        let (last, volume) = (lastLogID, journal.volumeBytes)
        guard checkpoints.withLock({ $0.isDue(lastLogID: last, volume: volume, now: now) }) else { return nil }
        return try checkpoint()
    }

    /// The same for a timer: the log says what was written, or why not.
    public func checkpointIfDue(now: MonotonicTime, logger: Logger) {
        do {
            guard let written = try checkpointIfDue(now: now) else { return }
            logger.info(
                "image written", metadata: ["log_id": "\(written.logID)", "bytes": "\(written.imageBytes)"])
        } catch {
            logger.error("image was not written", metadata: ["error": "\(error)"])
        }
    }

    /// Writes an image of the state as it is now, while changes go on, then drops what it makes needless: images but the
    /// newest two, and, if this FE leads, the journal up to the older of these. On return the image survives a crash. Blocking.
    ///
    /// An error leaves everything that a restart needs: the caller logs it and tries again later. Throws
    /// `MetadataError.checkpointRunning` when another is being written.
    public func checkpoint() throws -> Checkpoint {
        try checkpoint(truncates: standing == .leads)
    }

    /// The same, and the journal stays as it is: for one that is about to be moved.
    public func checkpointKeepingLog() throws -> Checkpoint { try checkpoint(truncates: false) }

    private func checkpoint(truncates: Bool) throws -> Checkpoint {
        let isLeading = standing == .leads
        if isLeading { try checkWritable() }
        guard checkpoints.withLock({ $0.begin() }) else { throw MetadataError.checkpointRunning }
        var written: Int64?
        let volume = journal.volumeBytes
        defer { checkpoints.withLock { $0.end(image: written, volume: volume) } }
        let checkpoint = try writeImage()
        written = checkpoint.logID
        // The log is the master's, and for an FE whose machine is lost it is what others have: until they have the image.
        if let covered = try images.removeOld(), truncates, isSpread(checkpoint.logID) {
            do {
                try journal.truncate(upTo: covered)
                counters.truncated(true)
            } catch {
                counters.truncated(false)
                noteJournalFailure()
                throw error
            }
        }
        return checkpoint
    }

    /// How an image gets to other FEs: asked after each checkpoint, with its log id, whether one of them has it. As long as none
    /// has, the journal is not truncated. Without this it is there alone.
    public func spreadImages(_ spread: @escaping @Sendable (_ logID: Int64) -> Bool) {
        spreading.withLock { $0 = spread }
    }

    private func isSpread(_ logID: Int64) -> Bool { spreading.withLock { $0 }?(logID) ?? true }

    /// Hands out the bytes of an image of the state as it is now, in pieces. Durable is what the caller makes so.
    public func exportImage(_ out: ([UInt8]) throws -> Void) throws { _ = try imageWriter().write(out) }

    private func writeImage() throws -> Checkpoint {
        let image = imageWriter()
        let logID = image.logID
        do {
            let size = try images.write(image)
            counters.wroteImage(true)
            return Checkpoint(logID: logID, imageBytes: size)
        } catch {
            counters.wroteImage(false)
            throw error
        }
    }

    /// It has the only snapshot.
    private func imageWriter() -> ImageWriter {
        let applied = appliedNow()
        return ImageWriter(state: applied.state, logID: applied.lastLogID, clusterID: identity.clusterID)
    }
}
