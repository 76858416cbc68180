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

    /// Writes an image of the state as it is now, while changes go on, then drops what it makes needless: images but the
    /// newest two, and, if this FE leads, the journal up to the older of these. On return the image survives a crash. Blocking.
    ///
    /// An error leaves everything that a restart needs: the caller logs it and tries again later. Throws
    /// `MetadataError.checkpointRunning` when another is being written.
    public func checkpoint() throws -> Checkpoint {
        let isLeading = standing == .leads
        if isLeading { try checkWritable() }
        guard checkpoints.withLock({ $0.begin() }) else { throw MetadataError.checkpointRunning }
        var written: Int64?
        let volume = journal.volumeBytes
        defer { checkpoints.withLock { $0.end(image: written, volume: volume) } }
        let checkpoint = try writeImage()
        written = checkpoint.logID
        // The log is the master's.
        if let covered = try images.removeOld(), isLeading {
            do {
                try journal.truncate(upTo: covered)
            } catch {
                noteJournalFailure()
                throw error
            }
        }
        return checkpoint
    }

    /// Hands out the bytes of an image of the state as it is now, in pieces. Durable is what the caller makes so.
    public func exportImage(_ out: ([UInt8]) throws -> Void) throws { _ = try imageWriter().write(out) }

    private func writeImage() throws -> Checkpoint {
        let image = imageWriter()
        let logID = image.logID
        return Checkpoint(logID: logID, imageBytes: try images.write(image))
    }

    /// It has the only snapshot.
    private func imageWriter() -> ImageWriter {
        let applied = appliedNow()
        return ImageWriter(state: applied.state, logID: applied.lastLogID, clusterID: identity.clusterID)
    }
}
