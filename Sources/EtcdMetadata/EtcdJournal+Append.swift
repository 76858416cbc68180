public import ClusterMetadata
internal import EtcdClient
internal import Synchronization

/// An append on its way to etcd. Its last transaction may have been made, or be made later.
struct SentAppend: Sendable {
    var plan: AppendPlan
    var fence: EtcdFence
    /// The tail that it follows, and that it leaves.
    var tail: EtcdJournal.Tail
    var newTail: EtcdJournal.Tail
    var reason = ""
}

extension EtcdJournal {
    public func append(_ entries: [EncodedEntry]) throws -> Int64 { try append(entries, behind: nil) {} }

    /// The next append may be sent before this one is answered: it compares the tail that this one leaves. Which of two etcd gets
    /// first nobody knows, so one that finds the tail before waits for the one before it, and is sent again.
    public func append(
        _ entries: [EncodedEntry], behind logID: Int64?, onItsWay: () -> Void
    ) throws -> Int64 {
        let own = AppendOutcome()
        let (append, before) = try begin(entries, behind: logID, own)
        guard let append else { return try end().logID }
        do {
            if append.plan.transactions.count == 1 { onItsWay() }
            try send(append, behind: before)
            own.tell(.durable)
            return append.plan.last
        } catch {
            throw failed(append, error, behind: before, own)
        }
    }

    /// Settles appends in doubt by making the last transaction of each once more: it then is there, or can't come any more.
    public func reopen() throws {
        // Once the term is over nobody here can tell what may still come: whoever follows reads it.
        let (fence, appends) = state.withLock { ($0.fence, $0.unsettled) }
        guard let fence else { throw EtcdLogError.notMaster }
        if appends.isEmpty {
            let end = Tail(try log.marks())
            return try inTerm(fence) { $0.end = end }
        }
        for append in appends {
            do {
                // Nobody has made anything behind the one before it.
                guard try commit(append) else { throw depose(Self.movedBySomebody) }
            } catch let error as EtcdError {
                // etcd may refuse to write and still tell what is there.
                guard try isSettledByReading(append) else { throw error }
            } catch is JournalAppendError {
                // It is not there and can't come: the term is over.
                break
            }
        }
        try inTerm(fence) { ($0.unsettled, $0.end) = ([], nil) }
    }

    private func inTerm(_ fence: EtcdFence, _ body: (inout WriterState) -> Void) throws {
        try state.withLock { state in
            guard state.fence == fence else { throw EtcdLogError.notMaster }
            body(&state)
        }
    }

    // MARK: Beginning

    /// Takes its place behind the appends before it. - Parameter own: what those behind it wait for.
    /// - Returns: no append when there is nothing to append; the outcome of the one before it.
    private func begin(
        _ entries: [EncodedEntry], behind logID: Int64?, _ own: AppendOutcome
    ) throws(JournalAppendError) -> (SentAppend?, before: AppendOutcome?) {
        while true {
            let (fence, hasLeftovers, before) = try term()
            var tail = try end()
            if let logID, logID != tail.logID {
                throw .refused(reason: "entry \(logID), which it follows, is not the last one: that was not appended")
            }
            let plan = try AppendPlan(entries, behind: tail.logID, term: fence.createRevision, limits: limits)
            guard !plan.transactions.isEmpty else { return (nil, before) }
            if plan.transactions.count > 1 || hasLeftovers, let before, before.wait() != .durable { continue }
            if hasLeftovers { tail = try cut(behind: tail, fence) }
            let new = newTail(plan.last, fence)
            let isMine = state.withLock { state in
                // Otherwise the one before it has failed meanwhile.
                guard state.fence == fence, state.end == tail else { return false }
                (state.end, state.latest) = (new, own)
                return true
            }
            if isMine { return (SentAppend(plan: plan, fence: fence, tail: tail, newTail: new), before) }
        }
    }

    private func term() throws(JournalAppendError) -> (EtcdFence, hasLeftovers: Bool, before: AppendOutcome?) {
        let state = state.withLock { $0 }
        if let reason = state.deposition { throw .refused(reason: reason) }
        if let append = state.unsettled.first {
            throw .refused(reason: "an append before it is not settled: \(append.reason)")
        }
        guard let fence = state.fence else { throw .refused(reason: "\(EtcdLogError.notMaster)") }
        return (fence, state.hasLeftovers, state.latest)
    }

    /// Where the log ends once all that is on its way is there.
    private func end() throws(JournalAppendError) -> Tail {
        let (known, latest) = state.withLock { ($0.end, $0.latest) }
        if let known { return known }
        _ = latest?.wait()
        do {
            let end = Tail(try log.marks())
            state.withLock { $0.end = end }
            return end
        } catch {
            throw .refused(reason: "\(error)")
        }
    }

    func newTail(_ logID: Int64, _ fence: EtcdFence) -> Tail {
        let serial = serial.add(1, ordering: .relaxed).newValue
        return Tail(logID: logID, value: EtcdLogLayout.tail(logID, term: fence.createRevision, serial: serial))
    }

    // MARK: How it ends

    /// - Throws: `EtcdError`, `JournalAppendError`.
    private func send(_ append: SentAppend, behind before: AppendOutcome?) throws {
        do {
            for batches in append.plan.transactions.dropLast() { try put(batches, behind: append.tail, append.fence) }
        } catch {
            // Whatever of it is there, or comes later, is behind the tail, which stays.
            throw error as? JournalAppendError ?? .refused(reason: "\(error)")
        }
        if try commit(append) { return }
        switch before?.wait() {
        case .durable:
            do {
                if try commit(append) { return }
            } catch let error as EtcdError {
                // Nothing came of this try; one before it, whose answer was lost, may have been made behind the other append since.
                throw JournalAppendError.outcomeUnknown(reason: "\(error)")
            }
            throw depose(Self.movedBySomebody)
        case nil: throw depose(Self.movedBySomebody)
        case .refused: throw JournalAppendError.refused(reason: "the append before it failed")
        // A try whose answer was lost may be made yet, behind that one.
        case .unknown:
            throw JournalAppendError.outcomeUnknown(reason: "the outcome of the append before it is not known")
        }
    }

    private func failed(
        _ append: SentAppend, _ error: any Error, behind before: AppendOutcome?, _ own: AppendOutcome
    ) -> JournalAppendError {
        var failure = error as? JournalAppendError ?? .refused(reason: "\(error)")
        if (error as? EtcdError)?.isOutcomeUnknown == true {
            // Behind one that never comes it can't come either.
            failure = before?.wait() == .refused ? failure : .outcomeUnknown(reason: "\(error)")
        }
        state.withLock { state in
            guard state.fence == append.fence else { return }
            state.end = nil
            if state.latest === own { state.latest = nil }
            if case .outcomeUnknown(let reason) = failure {
                var append = append
                append.reason = reason
                state.unsettled.append(append)
            } else {
                // Nothing of it counts while the tail stays where it is.
                state.hasLeftovers = state.hasLeftovers || append.plan.transactions.count > 1
            }
        }
        if case .refused = failure { own.tell(.refused) } else { own.tell(.unknown) }
        return failure
    }

    // MARK: Transactions

    /// Deletes what an append that came to no end left behind the tail, and writes the tail anew: transactions of that append
    /// that are still on their way can't be made any more.
    private func cut(behind tail: Tail, _ fence: EtcdFence) throws(JournalAppendError) -> Tail {
        let new = newTail(tail.logID, fence)
        let transaction = EtcdTransaction(
            compares: compares(tail, fence),
            success: [.delete(layout.batches(from: tail.logID + 1)), put(new)], failure: reads(fence))
        // A lost answer leaves a tail that is not known, and the next append reads it.
        state.withLock { $0.end = nil }
        let answer: EtcdTransactionAnswer
        do {
            answer = try client.transaction(transaction)
        } catch {
            throw .refused(reason: "\(error)")
        }
        // Made by a try of the same call whose answer was lost, or by an earlier cut that came late.
        let fresh = answer.succeeded ? new : try tailFound(answer, fence)
        guard fresh.logID == tail.logID, fresh != tail else { throw depose(Self.movedBySomebody) }
        state.withLock { state in
            state.end = fresh
            state.hasLeftovers = false
        }
        return fresh
    }

    /// Puts batches behind the tail, which stays. Making it twice is the same as once.
    private func put(_ batches: [AppendPlan.Batch], behind tail: Tail, _ fence: EtcdFence) throws {
        let answer = try client.transaction(
            EtcdTransaction(
                compares: compares(tail, fence), success: batches.map { .put(layout.batch($0.first), $0.value) },
                failure: reads(fence)))
        guard !answer.succeeded else { return }
        _ = try tailFound(answer, fence)
        throw depose(Self.movedBySomebody)
    }

    /// The last transaction of an append: puts its batches and moves the tail.
    /// - Returns: false: the tail is not where the append begins.
    /// - Throws: `EtcdError`; `JournalAppendError` when the term is over.
    private func commit(_ append: SentAppend) throws -> Bool {
        let (plan, fence) = (append.plan, append.fence)
        let batches = plan.transactions[plan.transactions.count - 1]
        let mine = batches[batches.count - 1]
        let answer = try client.transaction(
            EtcdTransaction(
                compares: compares(append.tail, fence),
                success: batches.map { .put(layout.batch($0.first), $0.value) } + [put(append.newTail)],
                failure: reads(fence) + [.get(EtcdRangeQuery(.key(layout.batch(mine.first))))]))
        // Or a try before it was made, and its answer lost.
        guard answer.succeeded || isThere(mine, answer) else {
            _ = try tailFound(answer, fence)
            return false
        }
        volume.add(plan.bytes, ordering: .relaxed)
        return true
    }

    /// Whether the append's fate can be told without writing.
    private func isSettledByReading(_ append: SentAppend) throws -> Bool {
        let batches = append.plan.transactions[append.plan.transactions.count - 1]
        let mine = batches[batches.count - 1]
        let answer = try client.transaction(
            EtcdTransaction(
                compares: [], success: reads(append.fence) + [.get(EtcdRangeQuery(.key(layout.batch(mine.first))))]))
        if isThere(mine, answer) {
            volume.add(append.plan.bytes, ordering: .relaxed)
            return true
        }
        // Without its fence it can't come any more; with it, it can.
        return answer.reads.first?.first?.createRevision != append.fence.createRevision
    }

    // MARK: What transactions compare and read

    private func compares(_ tail: Tail, _ fence: EtcdFence) -> [EtcdCompare] {
        let place: EtcdCompare = tail.value.isEmpty ? .isAbsent(layout.tail) : .value(layout.tail, tail.value)
        return [.createRevision(fence.key, fence.createRevision), place]
    }

    private func put(_ tail: Tail) -> EtcdOperation { .put(layout.tail, tail.value) }

    private func reads(_ fence: EtcdFence) -> [EtcdOperation] {
        [.get(EtcdRangeQuery(.key(fence.key), keysOnly: true)), .get(EtcdRangeQuery(.key(layout.tail)))]
    }

    /// The batch is part of the log: the tail is behind it, and it is ours to the byte, our term included.
    private func isThere(_ mine: AppendPlan.Batch, _ answer: EtcdTransactionAnswer) -> Bool {
        guard answer.reads.count == 3, let tail = answer.reads[1].first.flatMap({ EtcdLogLayout.tail($0.value) })
        else { return false }
        return tail >= mine.first && answer.reads[2].first?.value == mine.value
    }

    /// Where the log ends, as `reads` found it. - Throws: `.refused` when the term is over.
    private func tailFound(_ answer: EtcdTransactionAnswer, _ fence: EtcdFence) throws(JournalAppendError) -> Tail {
        let leader = answer.reads.first?.first
        guard leader?.createRevision == fence.createRevision else {
            throw depose(
                leader == nil
                    ? "this frontend is not the master any more: its lease in etcd has ended"
                    : "this frontend is not the master any more: another one was elected")
        }
        let tail = answer.reads.count > 1 ? answer.reads[1].first : nil
        do {
            return Tail(logID: try log.end(tail), value: tail?.value ?? [])
        } catch {
            throw .refused(reason: "\(error)")
        }
    }

    private static let movedBySomebody = "the end of the edit log was moved by somebody else"

    private func depose(_ reason: String) -> JournalAppendError {
        state.withLock { $0.deposition = reason }
        return .refused(reason: reason)
    }
}
