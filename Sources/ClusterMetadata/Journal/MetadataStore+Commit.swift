internal import Synchronization
internal import TabletModel

/// How a change is made: validated in the writers' turn, made durable together with those that came meanwhile, visible in the
/// order of validation. The turn is never held across I/O, so a slow sync delays nobody's validation; those who wait for the
/// next sync are written by the first of them.
extension MetadataStore {
    /// Validates, makes durable, applies. `body` sees every change before it and returns the entries that carry its own out,
    /// or throws to refuse. On return they are durable and visible. No entries means no write; but what the answer rests on is
    /// durable all the same.
    ///
    /// - Throws: what `body` throws; `MetadataError.notWritten`, `.unwritable` or `.notEncodable`: nothing was changed, nor will
    ///   be; `.outcomeUnknown`: the caller must neither undo nor tell anybody, until the settlement tells (`settle`).
    ///
    /// `body` runs in the writers' turn, without the state's lock: it must not call the store, block or log.
    public func commit<R>(_ body: (ClusterState) throws -> (entries: [JournalEntry], result: R)) throws -> R {
        try commit { state, _ in try body(state) }
    }

    /// The same with new ids for what is made.
    public func commit<R>(
        _ body: (ClusterState, inout IDAllocator) throws -> (entries: [JournalEntry], result: R)
    ) throws -> R {
        var result: Result<R, any Error>?
        // Asked before waiting for the turn, too: settling has it while it reads.
        try checkWritable()
        let ticket = try writer.withLock { queue -> CommitTicket? in
            try checkWritable()
            var entries: [EncodedEntry] = []
            do {
                let (made, value) = try validated(&queue, body)
                (entries, result) = (made, .success(value))
            } catch {
                // It may rest on a change that is not durable yet, and nobody is told before that is.
                result = .failure(error)
            }
            if entries.isEmpty, queue.isIdle { return nil }
            let ticket = queue.add(entries)
            assignedLogID.add(Int64(entries.count), ordering: .relaxed)
            return ticket
        }
        if let ticket { try land(ticket) }
        return try result!.get()
    }

    /// A change that needs no validation and has no result.
    public func commit(_ entries: [JournalEntry]) throws { try commit { _ in (entries, ()) } }

    private func validated<R>(
        _ queue: inout CommitQueue,
        _ body: (ClusterState, inout IDAllocator) throws -> (entries: [JournalEntry], result: R)
    ) throws -> ([EncodedEntry], R) {
        var ids = IDAllocator(next: queue.nextID)
        // The snapshot ends with the call: applying must find the chunks unshared.
        let (entries, value) = try body(queue.state(behind: observed), &ids)
        let all =
            ids.next > queue.nextID
            ? withIDs(entries, ids: ids, end: queue.state(behind: observed).idBatchEnd) : entries
        let records = all.flatMap { $0.records(of: elementsPerRecord) }
        let encoded = try records.map { entry throws(MetadataError) in try EncodedEntry(entry) }
        queue.nextID = ids.next
        return (encoded, value)
    }

    /// Puts in front what makes the taken ids durable, when the batch that was durable before did not hold them.
    private func withIDs(_ entries: [JournalEntry], ids: IDAllocator, end: Int64) -> [JournalEntry] {
        guard ids.next > end else { return entries }
        let batches = (ids.next - end + Self.idBatch - 1) / Self.idBatch
        return [.saveNextID(end: end + batches * Self.idBatch)] + entries
    }

    /// Returns when the ticket's change is visible.
    private func land(_ ticket: CommitTicket) throws {
        let landing = ticket.landing
        if ticket.isFirst {
            while writeGroup(landing) {}
            landing.open()
        } else {
            landing.wait()
        }
        if case .failed(let error) = ticket.outcome { throw error }
    }

    /// Writes what waits, if some of it is of the landing, and makes it visible. The next group is written while this one lands, or
    /// is on its way before this one is written (`Journal.append`). All who validate compete for the writers' turn, so that is taken twice only.
    /// - Returns: whether there is more of the landing.
    private func writeGroup(_ landing: CommitLanding) -> Bool {
        var passage = flight.takeOff()
        let taken = writer.withLock { queue in
            queue.takeGroup(of: landing).map { (group: $0, before: lastLogID + Int64($0.entriesAhead)) }
        }
        guard let (group, before) = taken else {
            // Others have taken it, and may not have landed.
            return flight.land(passage, nextMayFly: true) { false }
        }
        let entries = group.tickets.flatMap(\.entries)
        do {
            let last =
                entries.isEmpty
                ? nil : try counted(entries) { try journal.append(entries, behind: before) { flight.handOn(&passage) } }
            return flight.land(passage, nextMayFly: true) {
                land(group, entries.map(\.entry), upTo: last) && group.hasMore
            }
        } catch {
            // What was validated behind it does not take off any more, and what flies already fails as well.
            flight.land(passage, nextMayFly: false) { fail(group, entries.map(\.entry), error) }
            return false
        }
    }

    /// - Returns: whether it is visible.
    private func land(_ group: CommitQueue.Group, _ entries: [JournalEntry], upTo last: Int64?) -> Bool {
        let isVisible = writer.withLock { queue in
            guard queue.isFlying(group) else { return false }
            queue.land(observations: apply(entries, upTo: last, made: group.arriving))
            return true
        }
        guard isVisible else {
            // Where the one before it is not known, it may be there after all. One that only waited for that one fails.
            let reason = "it was appended behind an entry of unknown outcome"
            let unknown = JournalAppendError.outcomeUnknown(reason: reason)
            fail(group, entries, entries.isEmpty ? MetadataError.notWritten(reason: reason) : unknown)
            return false
        }
        for ticket in group.tickets { ticket.end(.durable) }
        return true
    }

    private func fail(_ group: CommitQueue.Group, _ entries: [JournalEntry], _ cause: any Error) {
        let error: MetadataError
        if case JournalAppendError.outcomeUnknown(let reason) = cause {
            // Before anybody behind it can be validated.
            begin(MetadataTrouble.Open(appends: [entries]), reason: reason)
            error = .outcomeUnknown(reason: reason)
        } else {
            noteJournalFailure()
            error = .notWritten(reason: "\(cause)")
        }
        let behind = writer.withLock { queue in
            let behind = queue.fail(group)
            if behind != nil { assignedLogID.store(lastLogID, ordering: .relaxed) }
            return behind ?? []
        }
        // Nothing was written for those who only waited, nor for those behind.
        let notTried = MetadataError.notWritten(reason: "a change before it failed: \(error)")
        for ticket in group.tickets { ticket.end(.failed(ticket.entries.isEmpty ? notTried : error)) }
        for ticket in behind { ticket.end(.failed(notTried)) }
    }
}
