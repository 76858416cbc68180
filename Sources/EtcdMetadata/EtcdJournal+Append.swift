public import ClusterMetadata
internal import EtcdClient
internal import Synchronization

/// An append whose last transaction may have been made, or be made later.
struct UnsettledAppend: Sendable {
    var plan: AppendPlan
    var fence: EtcdFence
    /// The tail that it follows.
    var tail: EtcdJournal.Tail
    var reason: String
}

extension EtcdJournal {
    public func append(_ entries: [EncodedEntry]) throws -> Int64 {
        let (fence, hasLeftovers) = try term()
        var tail = try end()
        let plan = try AppendPlan(entries, behind: tail.logID, term: fence.createRevision, limits: limits)
        if plan.transactions.isEmpty { return tail.logID }
        if hasLeftovers { tail = try cut(behind: tail, fence) }
        do {
            for batches in plan.transactions.dropLast() {
                try put(batches, behind: tail, fence)
            }
        } catch {
            // Nothing of it counts while the tail stays where it is.
            state.withLock { $0.hasLeftovers = true }
            throw refusal(error)
        }
        let append = UnsettledAppend(plan: plan, fence: fence, tail: tail, reason: "")
        do {
            return try commit(append)
        } catch let error as EtcdError {
            guard error.isOutcomeUnknown else {
                state.withLock { $0.hasLeftovers = $0.hasLeftovers || plan.transactions.count > 1 }
                throw refusal(error)
            }
            let reason = "\(error)"
            state.withLock { state in
                state.unsettled = append
                state.unsettled?.reason = reason
            }
            throw JournalAppendError.outcomeUnknown(reason: reason)
        }
    }

    /// Settles an append in doubt by making its last transaction once more: it then is there, or can't come any more.
    public func reopen() throws {
        guard let append = state.withLock({ $0.unsettled }) else {
            let marks = try log.marks()
            state.withLock { state in
                if state.fence != nil { state.end = Tail(logID: marks.last, revision: marks.tailRevision) }
            }
            return
        }
        do {
            _ = try commit(append)
        } catch let error as EtcdError {
            // etcd may refuse to write and still tell what is there.
            guard try isSettledByReading(append) else { throw error }
        } catch is JournalAppendError {
            // It is not there and can't come: the term is over.
        }
        state.withLock { $0.unsettled = nil }
    }

    // MARK: What an append begins with

    private func term() throws(JournalAppendError) -> (EtcdFence, hasLeftovers: Bool) {
        let state = state.withLock { $0 }
        if let reason = state.deposition { throw .refused(reason: reason) }
        if let append = state.unsettled {
            throw .refused(reason: "an append before it is not settled: \(append.reason)")
        }
        guard let fence = state.fence else { throw .refused(reason: "\(EtcdLogError.notMaster)") }
        return (fence, state.hasLeftovers)
    }

    private func end() throws(JournalAppendError) -> Tail {
        if let end = state.withLock({ $0.knownEnd }) { return end }
        do {
            let marks = try log.marks()
            let end = Tail(logID: marks.last, revision: marks.tailRevision)
            state.withLock { $0.end = end }
            return end
        } catch {
            throw .refused(reason: "\(error)")
        }
    }

    private func refusal(_ error: any Error) -> JournalAppendError {
        error as? JournalAppendError ?? .refused(reason: "\(error)")
    }

    // MARK: Transactions

    /// Deletes what an append that came to no end left behind the tail, and writes the tail anew: transactions of that append
    /// that are still on their way can't be made any more.
    private func cut(behind tail: Tail, _ fence: EtcdFence) throws(JournalAppendError) -> Tail {
        let transaction = EtcdTransaction(
            compares: compares(tail, fence),
            success: [
                .delete(layout.batches(from: tail.logID + 1)),
                .put(layout.tail, Array(EtcdLogLayout.text(tail.logID).utf8)),
            ], failure: reads(fence))
        // A lost answer leaves the tail at a revision that is not known, and the next append reads it.
        state.withLock { $0.end = nil }
        let answer: EtcdTransactionAnswer
        do {
            answer = try client.transaction(transaction)
        } catch {
            throw .refused(reason: "\(error)")
        }
        let found = try answer.succeeded ? nil : tailFound(answer, fence)
        // Made by a try of the same call whose answer was lost.
        if let found, found.logID != tail.logID { throw depose("the end of the edit log was moved by somebody else") }
        let fresh = found ?? Tail(logID: tail.logID, revision: answer.revision)
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
        throw depose("the end of the edit log was moved by somebody else")
    }

    /// The last transaction of an append: puts its batches and moves the tail.
    /// - Throws: `EtcdError`; `JournalAppendError` when the term is over.
    private func commit(_ append: UnsettledAppend) throws -> Int64 {
        let (plan, fence) = (append.plan, append.fence)
        let batches = plan.transactions[plan.transactions.count - 1]
        let mine = batches[batches.count - 1]
        let answer = try client.transaction(
            EtcdTransaction(
                compares: compares(append.tail, fence),
                success: batches.map { .put(layout.batch($0.first), $0.value) } + [
                    .put(layout.tail, Array(EtcdLogLayout.text(plan.last).utf8))
                ], failure: reads(fence) + [.get(EtcdRangeQuery(.key(layout.batch(mine.first))))]))
        if answer.succeeded {
            landed(plan, at: answer.revision, fence)
        } else if isThere(mine, answer) {
            // A try before it was made, and its answer lost.
            let tail = try? tailFound(answer, fence)
            landed(plan, at: tail?.logID == plan.last ? tail?.revision : nil, fence)
        } else {
            _ = try tailFound(answer, fence)
            throw depose("the end of the edit log was moved by somebody else")
        }
        return plan.last
    }

    /// - Parameter revision: of the tail; nil: the log went on since, in another term.
    private func landed(_ plan: AppendPlan, at revision: Int64?, _ fence: EtcdFence) {
        volume.add(plan.bytes, ordering: .relaxed)
        state.withLock { state in
            guard state.fence == fence else { return }
            state.end = revision.map { Tail(logID: plan.last, revision: $0) }
        }
    }

    /// Whether the append's fate can be told without writing.
    private func isSettledByReading(_ append: UnsettledAppend) throws -> Bool {
        let batches = append.plan.transactions[append.plan.transactions.count - 1]
        let mine = batches[batches.count - 1]
        let answer = try client.transaction(
            EtcdTransaction(
                compares: [], success: reads(append.fence) + [.get(EtcdRangeQuery(.key(layout.batch(mine.first))))]))
        if isThere(mine, answer) {
            let tail = try? tailFound(answer, append.fence)
            landed(append.plan, at: tail?.logID == append.plan.last ? tail?.revision : nil, append.fence)
            return true
        }
        // Without its fence it can't come any more; with it, it can.
        return (try? tailFound(answer, append.fence)) == nil
    }

    // MARK: What transactions compare and read

    private func compares(_ tail: Tail, _ fence: EtcdFence) -> [EtcdCompare] {
        [.createRevision(fence.key, fence.createRevision), .modifyRevision(layout.tail, tail.revision)]
    }

    private func reads(_ fence: EtcdFence) -> [EtcdOperation] {
        [.get(EtcdRangeQuery(.key(fence.key), keysOnly: true)), .get(EtcdRangeQuery(.key(layout.tail)))]
    }

    /// The batch is part of the log: the tail is behind it, and it is ours to the byte, our term included.
    private func isThere(_ mine: AppendPlan.Batch, _ answer: EtcdTransactionAnswer) -> Bool {
        guard answer.reads.count == 3, let tail = answer.reads[1].first.flatMap({ EtcdLogLayout.number($0.value) })
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
            return Tail(logID: try log.number(tail), revision: tail?.modifyRevision ?? 0)
        } catch {
            throw .refused(reason: "\(error)")
        }
    }

    private func depose(_ reason: String) -> JournalAppendError {
        state.withLock { $0.deposition = reason }
        return .refused(reason: reason)
    }
}
