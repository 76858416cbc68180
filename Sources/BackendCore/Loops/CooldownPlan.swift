internal import TabletModel

/// Which tablet cools down next. Pure; the drive asks it.
///
/// A tablet has at most one run at a time, a data dir at most `runsPerDir`; a tablet whose run failed is left alone for
/// `failurePause`. What the limits hold back is delayed, not dropped (Doris drops it until the next round).
struct CooldownPlan {
    let runsPerDir: Int
    let failurePause: Duration
    /// By data dir, most urgent last.
    private var lines: [String: [Place]] = [:]
    private var running: [TabletID: String] = [:]
    private var runsByDir: [String: Int] = [:]
    private var skippedUntil: [TabletID: MonotonicTime] = [:]

    private struct Place {
        /// Position in the engine's list.
        let rank: Int
        let tablet: TabletID
    }

    init(runsPerDir: Int, failurePause: Duration) {
        self.runsPerDir = max(1, runsPerDir)
        self.failurePause = failurePause
    }

    var runningCount: Int { running.count }
    var dueCount: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// The engine's newest list, most urgent first, replaces what was left of the one before.
    mutating func offer(_ due: [DueCooldown], now: MonotonicTime) {
        skippedUntil = skippedUntil.filter { now < $0.value }
        lines = [:]
        for (rank, run) in due.enumerated().reversed() where skippedUntil[run.tabletID] == nil {
            lines[run.dataDir, default: []].append(Place(rank: rank, tablet: run.tabletID))
        }
    }

    /// Starts the most urgent tablet that the limits allow.
    mutating func next() -> DueCooldown? {
        var best: (dir: String, rank: Int)?
        for (dir, line) in lines where runsByDir[dir, default: 0] < runsPerDir {
            // A tablet that runs right now is offered again when it still has work afterwards.
            let kept = line.lastIndex { running[$0.tablet] == nil }
            guard let kept else { continue }
            if best.map({ line[kept].rank < $0.rank }) ?? true { best = (dir, line[kept].rank) }
        }
        guard let (dir, rank) = best, var line = lines.removeValue(forKey: dir) else { return nil }
        while let last = line.popLast() {
            guard last.rank == rank else { continue }
            if !line.isEmpty { lines[dir] = line }
            running[last.tablet] = dir
            runsByDir[dir, default: 0] += 1
            return DueCooldown(tabletID: last.tablet, dataDir: dir)
        }
        return nil
    }

    mutating func ended(_ tablet: TabletID, failed: Bool, now: MonotonicTime) {
        guard let dir = running.removeValue(forKey: tablet) else { return }
        let left = runsByDir[dir, default: 1] - 1
        runsByDir[dir] = left > 0 ? left : nil
        if failed { skippedUntil[tablet] = now + failurePause }
    }

    /// A new conf makes a failed tablet worth another try.
    mutating func forgetFailures() { skippedUntil = [:] }

    mutating func clear() { lines = [:] }
}
