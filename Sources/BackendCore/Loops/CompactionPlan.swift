internal import TabletModel

/// Which tablet is compacted next. Pure; the loop asks it.
///
/// The highest score first; a tablet has at most one run at a time, a data dir at most `runsPerDir`; a tablet whose run
/// failed is left alone for `failurePause`. What the limits hold back is taken when a run of the dir has ended.
struct CompactionPlan {
    let runsPerDir: Int
    let failurePause: Duration
    /// By data dir, the most in need last.
    private var lines: [String: [DueCompaction]] = [:]
    private var running: [TabletID: String] = [:]
    private var runsByDir: [String: Int] = [:]
    private var skippedUntil: [TabletID: MonotonicTime] = [:]

    init(runsPerDir: Int, failurePause: Duration) {
        self.runsPerDir = max(1, runsPerDir)
        self.failurePause = failurePause
    }

    var runningCount: Int { running.count }
    var dueCount: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// The engine's newest list, the most in need first, replaces what was left of the one before. A tablet that runs
    /// right now is offered again when it still has need afterwards.
    mutating func offer(_ due: [DueCompaction], now: MonotonicTime) {
        skippedUntil = skippedUntil.filter { now < $0.value }
        lines = [:]
        for run in due.reversed() where skippedUntil[run.tabletID] == nil && running[run.tabletID] == nil {
            lines[run.dataDir, default: []].append(run)
        }
    }

    /// Starts the tablet most in need that the limits allow.
    mutating func next() -> DueCompaction? {
        var best: DueCompaction?
        for (dir, line) in lines where runsByDir[dir, default: 0] < runsPerDir {
            guard let candidate = line.last else { continue }
            // Lower tablet ids break ties, so that the order does not depend on the dictionary's.
            let isFirst = best.map { (candidate.score, $0.tabletID) > ($0.score, candidate.tabletID) } ?? true
            if isFirst { best = candidate }
        }
        guard let best else { return nil }
        lines[best.dataDir]?.removeLast()
        if lines[best.dataDir]?.isEmpty == true { lines[best.dataDir] = nil }
        running[best.tabletID] = best.dataDir
        runsByDir[best.dataDir, default: 0] += 1
        return best
    }

    mutating func ended(_ tablet: TabletID, failed: Bool, now: MonotonicTime) {
        guard let dir = running.removeValue(forKey: tablet) else { return }
        let left = runsByDir[dir, default: 1] - 1
        runsByDir[dir] = left > 0 ? left : nil
        if failed { skippedUntil[tablet] = now + failurePause }
    }

    mutating func clear() { lines = [:] }
}
