internal import TabletModel

/// The answers kept beside the array, so that asking is O(1).
extension VersionTracker {
    /// Counts `visible` in one pass if each range starts after the one before it ends. Else false, and nothing is counted.
    mutating func countInOrder() -> Bool {
        var end = Version.none
        var continuous = Version.none
        for range in visible {
            guard range.start > end else { return false }
            if continuous == end && range.start == end.next { continuous = range.end }
            end = range.end
        }
        newest = end
        continuousEnd = continuous
        crossingCount = 0
        return true
    }

    /// Counts `visible`, which is in order and may cross.
    mutating func recount() {
        newest = .none
        continuousEnd = .none
        crossingCount = 0
        for range in visible {
            if range.start <= newest { crossingCount += 1 }
            newest = max(newest, range.end)
            if range.start <= continuousEnd || range.start == continuousEnd.next {
                continuousEnd = max(continuousEnd, range.end)
            }
        }
    }

    /// Puts `visible` in order and drops doubles.
    mutating func sortVisible() {
        visible.sort(by: inOrder)
        var kept: ContiguousArray<VersionRange> = []
        kept.reserveCapacity(visible.count)
        for range in visible where range != kept.last { kept.append(range) }
        visible = kept
    }

    /// After ranges were added that close a gap: without crossings, what follows `continuousEnd` now follows on.
    mutating func extendContinuous() {
        var index = firstIndex(startingAfter: continuousEnd)
        while index < visible.count, visible[index].start == continuousEnd.next {
            continuousEnd = visible[index].end
            index += 1
        }
    }

    /// After a change of either kind of rowset.
    mutating func refreshNesting() { staleIsNested = stale.edges.allSatisfy { contains($0) } }
}
