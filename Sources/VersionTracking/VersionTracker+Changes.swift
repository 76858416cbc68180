public import TabletModel

extension VersionTracker {
    /// A new rowset becomes visible. On error nothing has changed. O(1) amortised at the end, O(n) elsewhere.
    public mutating func add(_ range: VersionRange) throws(VersionError) {
        if range.start > newest {
            visible.append(range)
            if range.start == continuousEnd.next { continuousEnd = range.end }
            newest = range.end
        } else {
            if let existing = overlapping(range) {
                if existing.contains(range) { throw .alreadyExists(range, existing: existing) }
                throw .crosses(range, existing: existing)
            }
            visible.insert(range, at: firstIndex(startingAfter: range.start))
            if crossingCount > 0 { recount() } else { extendContinuous() }
        }
        // A stale range that was nested stays so.
        if !staleIsNested { refreshNesting() }
    }

    /// The rowset is gone, without a stale path. False when it was not visible.
    @discardableResult
    public mutating func remove(_ range: VersionRange) -> Bool {
        guard let index = index(of: range) else { return false }
        visible.remove(at: index)
        if crossingCount > 0 {
            recount()
        } else {
            if index == visible.count { newest = visible.last?.end ?? .none }
            if range.start <= continuousEnd { continuousEnd = index == 0 ? .none : visible[index - 1].end }
        }
        if !stale.isEmpty { refreshNesting() }
        return true
    }

    /// Swaps visible rowsets for others in one step: a compaction's result, or the remote prefix that a follower takes.
    ///
    /// With `staleAt` the inputs stay readable as one stale path stamped with that time, until it is given up; with nil
    /// they are gone. Inputs and outputs with the same ranges change nothing.
    /// - Returns: the id of the stale path, when there is one.
    /// - Precondition: every input is visible, and no output overlaps another or what stays visible. The caller has
    ///   checked both: they hold by construction for a compaction, and by the alignment check for a follower.
    @discardableResult
    public mutating func replace(
        _ inputs: [VersionRange], by outputs: [VersionRange], staleAt: UnixTime?
    ) -> Int64? {
        let inputs = inputs.sorted(by: inOrder)
        let outputs = outputs.sorted(by: inOrder)
        if inputs == outputs { return nil }
        visible = remaining(without: inputs)
        recount()
        let crossings = crossingCount
        visible = merged(with: outputs)
        recount()
        precondition(crossingCount == crossings, "replace: a rowset of \(outputs) overlaps a visible one")
        var id: Int64?
        if let staleAt, !inputs.isEmpty { id = stale.append(inputs, staleAt: staleAt) }
        if !stale.isEmpty { refreshNesting() }
        return id
    }

    /// `visible` without some of its ranges, which are in order.
    private func remaining(without inputs: [VersionRange]) -> ContiguousArray<VersionRange> {
        var result: ContiguousArray<VersionRange> = []
        result.reserveCapacity(max(0, visible.count - inputs.count))
        var next = 0
        for range in visible {
            if next < inputs.count, inputs[next] == range { next += 1 } else { result.append(range) }
        }
        precondition(next == inputs.count, "replace: not all of \(inputs) are visible")
        return result
    }

    /// `visible` and these ranges, which are in order too.
    private func merged(with outputs: [VersionRange]) -> ContiguousArray<VersionRange> {
        var result: ContiguousArray<VersionRange> = []
        result.reserveCapacity(visible.count + outputs.count)
        var next = 0
        for range in visible {
            while next < outputs.count, inOrder(outputs[next], range) {
                result.append(outputs[next])
                next += 1
            }
            result.append(range)
        }
        result.append(contentsOf: outputs[next...])
        return result
    }

    private func index(of range: VersionRange) -> Int? {
        if crossingCount > 0 { return visible.firstIndex(of: range) }
        let index = firstIndex(startingAfter: range.start) - 1
        return index >= 0 && visible[index] == range ? index : nil
    }

    private func overlapping(_ range: VersionRange) -> VersionRange? {
        if crossingCount > 0 {
            return visible.first { $0.contains(range) } ?? visible.first { $0.overlaps(range) }
        }
        // Only two can be the first to overlap: the one that starts nearest at or below the start, and the one after it.
        // The former goes first, so that "already there" wins.
        let before = firstIndex(startingAfter: range.start) - 1
        if before >= 0, visible[before].overlaps(range) { return visible[before] }
        if before + 1 < visible.count, visible[before + 1].overlaps(range) { return visible[before + 1] }
        return nil
    }
}

/// The order of visible ranges.
func inOrder(_ left: VersionRange, _ right: VersionRange) -> Bool {
    (left.start, right.end) < (right.start, left.end)
}
