/// Where versions stand on a line of so many columns. Not every version gets the same room: what matters are the
/// places where some rowset begins or ends. The versions between two such bounds are one *segment*, with at least a
/// column while there are enough of them, and a little more the more versions it has; so a gap of one version stays
/// visible in a history of thousands. With more segments than columns, neighbours share one.
struct VersionScale {
    /// First versions of the segments, ascending, and one more: the version after the last.
    let bounds: [Int64]
    /// The column at which each bound stands.
    let positions: [Int]

    var columns: Int { positions.last ?? 0 }
    /// Each segment has columns of its own.
    var isExact: Bool { zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 } }

    /// - Parameters:
    ///   - bounds: where ranges begin, and the versions after their ends.
    ///   - top: the last version shown, at least 0.
    ///   - columns: most columns to use, at least 1; few segments take fewer.
    ///   - widest: most columns of a segment.
    init(bounds: some Sequence<Int64>, top: Int64, columns: Int, widest: Int = 12) {
        let inside = Set(bounds).filter { 0 < $0 && $0 <= top }
        self.bounds = ([0] + inside + [top + 1]).sorted()
        let count = self.bounds.count - 1
        guard count <= columns else {
            positions = (0...count).map { $0 * columns / count }
            return
        }
        let weights = zip(self.bounds, self.bounds.dropFirst()).map { Self.weight($1 - $0) }
        let total = weights.reduce(0, +)
        let spare = min(columns, count * widest) - count
        var sum = 0
        var positions = [0]
        for (index, weight) in weights.enumerated() {
            sum += weight
            positions.append(index + 1 + spare * sum / total)
        }
        self.positions = positions
    }

    /// The columns of these versions: one at least.
    func columns(from start: Int64, to end: Int64) -> Range<Int> {
        let low = min(position(of: start), columns - 1)
        // A range that ends within a shared column has a part in it.
        let high = min(max(position(of: end + 1), position(of: end) + 1), columns)
        return low..<max(low + 1, high)
    }

    /// Version numbers under their columns: from the left as many as fit with two blanks between, and the last.
    func ticks() -> [(column: Int, label: String)] {
        let lastLabel = "\((bounds.last ?? 1) - 1)"
        let lastColumn = max(0, columns - lastLabel.count)
        var ticks: [(column: Int, label: String)] = []
        var free = 0
        for (bound, column) in zip(bounds.dropLast(), positions) {
            let label = "\(bound)"
            guard column >= free, column + label.count + 2 <= lastColumn else { continue }
            ticks.append((column, label))
            free = column + label.count + 2
        }
        if ticks.last?.label == lastLabel { return ticks }
        return ticks + [(ticks.isEmpty ? 0 : lastColumn, lastLabel)]
    }

    /// 1 for one version, 2 for 2, 3 for 4, and so on: a run of 1,000 is ten times as wide as one version.
    private static func weight(_ versions: Int64) -> Int { 64 - max(1, versions).leadingZeroBitCount }

    /// Of the segment that holds the version, or the end.
    private func position(of version: Int64) -> Int {
        var low = 0
        var high = bounds.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if bounds[middle] <= version { low = middle } else { high = middle - 1 }
        }
        return positions[low]
    }
}
