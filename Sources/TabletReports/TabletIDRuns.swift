internal import TabletModel

/// Tablet ids in the order in which they came, as runs of equal steps: ids are given out in steps, so a report of a million
/// tablets takes some kilobytes; ids without any order take 12 bytes each.
struct TabletIDRuns: Sendable {
    private struct Run {
        var first: Int64
        var step: Int64
        var count: Int64
    }

    private var runs: [Run] = []
    /// The run that the last ids are in, and the id that would go on with it.
    private var open = Run(first: 0, step: 0, count: 0)
    private var expected: Int64 = 0
    private(set) var count = 0

    @inline(__always)
    mutating func append(_ id: TabletID) {
        count += 1
        if open.count > 1, id.rawValue == expected {
            open.count += 1
            expected &+= open.step
        } else {
            breakRun(id.rawValue)
        }
    }

    @inline(never)
    private mutating func breakRun(_ id: Int64) {
        if open.count == 1 {
            open.step = id &- open.first
            open.count = 2
        } else {
            if open.count > 1 { runs.append(open) }
            open = Run(first: id, step: 0, count: 1)
        }
        expected = id &+ open.step
    }

    func forEach(_ body: (TabletID) -> Void) {
        for run in runs + [open] {
            var id = run.first
            for _ in 0..<run.count {
                body(TabletID(id))
                id &+= run.step
            }
        }
    }

    /// Every id, ascending.
    var sorted: [TabletID] {
        var ids: [TabletID] = []
        ids.reserveCapacity(count)
        forEach { ids.append($0) }
        ids.sort()
        return ids
    }
}
