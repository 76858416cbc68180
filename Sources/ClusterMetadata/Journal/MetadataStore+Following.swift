internal import Synchronization

/// What an FE may do with the metadata. There is one that leads: the only FE, or the master.
public enum MetadataStanding: Hashable, Sendable {
    /// Its changes go into the edit log.
    case leads
    /// It takes over what the master wrote, in order; a change of its own is `MetadataError.notMaster`.
    case follows
}

/// How an FE comes to lead and back. Both ways nothing is dropped that was acknowledged: visible is only what is in the log, so
/// whoever follows goes on from where it is.
extension MetadataStore {
    public var standing: MetadataStanding { hindrance.withLock { $0.standing } }

    /// Refuses changes from now on. Those that are being written end first: durable, or not; what nobody knows of them, the log
    /// tells when it is replayed, and a trouble ends with that. Blocks for as long as an append may take.
    public func follow() {
        // At once, for those who come now.
        hindrance.withLock { $0.standing = .follows }
        flight.aground {
            writer.withLock { queue in
                // What was validated behind the last append is not written any more.
                for ticket in queue.failAll() { ticket.end(.failed(.notMaster)) }
                assignedLogID.store(lastLogID, ordering: .relaxed)
                hindrance.withLock { $0.trouble = nil }
            }
        }
    }

    /// Makes visible what the master made durable; `first` is the log id of the first of them. What is known already is passed
    /// over.
    /// - Throws: `JournalError.gap`: something before them is missing, nothing was taken over; `MetadataError.leading`.
    public func replay(_ entries: [JournalEntry], from first: Int64) throws {
        try flight.aground {
            guard standing == .follows else { throw MetadataError.leading }
            let known = lastLogID
            guard first <= known + 1 else { throw JournalError.gap(expected: known + 1, found: first) }
            let new = Array(entries.dropFirst(Int(clamping: known + 1 - first)))
            guard !new.isEmpty else { return }
            let last = known + Int64(new.count)
            writer.withLock { _ in _ = apply(new, upTo: last) }
            counters.read(Int64(new.count))
            assignedLogID.store(last, ordering: .relaxed)
        }
    }

    /// Takes over the newest image in the folder, if it covers more than what is visible: the log does not begin early enough
    /// any more. - Returns: whether it did. - Throws: `MetadataError.imageCorrupt` and the like; nothing has changed.
    public func replayImage() throws -> Bool {
        guard let newest = try images.logIDs().first, newest > lastLogID else { return false }
        let image = try ImageReader.read(images.path(newest), from: images.files)
        guard image.clusterID == identity.clusterID else {
            throw MetadataError.badIdentity(
                path: images.path(newest),
                reason: "it is of cluster \(image.clusterID), VERSION says \(identity.clusterID)")
        }
        return try flight.aground {
            guard standing == .follows else { throw MetadataError.leading }
            guard image.logID > lastLogID else { return false }
            writer.withLock { _ in replaceState(image.state, upTo: image.logID) }
            assignedLogID.store(image.logID, ordering: .relaxed)
            checkpoints.withLock { $0.found(image: image.logID) }
            return true
        }
    }

    /// Begins to lead: `journal` takes this FE's appends, and no other's.
    /// - Throws: `MetadataError.behind`: the log holds more than was replayed; what reading its end throws. It follows still.
    public func lead() throws {
        try flight.aground {
            let (known, end) = (lastLogID, try journal.lastLogID)
            guard known == end else { throw MetadataError.behind(replayed: known, end: end) }
            writer.withLock { queue in
                // A master before may have given ids out of the batch that it had made durable.
                queue.nextID = appliedNow().state.idBatchEnd
            }
            hindrance.withLock { $0.standing = .leads }
        }
    }
}
