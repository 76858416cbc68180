internal import TabletModel

/// A tablet for which a kind of work is due.
protocol DueRun: Sendable {
    var tabletID: TabletID { get }
    /// Root path of its data dir: runs are limited a dir.
    var dataDir: String { get }
}

extension DueCooldown: DueRun {}
extension DueCompaction: DueRun {}

/// Which tablet is worked on next. Pure; the drive asks it.
///
/// The most urgent first; a tablet has at most one run at a time, a data dir at most `runsPerDir`; a tablet whose run
/// failed is left alone for `failurePause`. What the limits hold back is delayed, not dropped (Doris drops what is due for
/// cooldown until the next round).
struct RunPlan<Due: DueRun> {
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
        let due: Due
    }

    init(runsPerDir: Int, failurePause: Duration) {
        self.runsPerDir = max(1, runsPerDir)
        self.failurePause = failurePause
    }

    var runningCount: Int { running.count }
    var dueCount: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// The engine's newest list, most urgent first, replaces what was left of the one before.
    mutating func offer(_ due: [Due], now: MonotonicTime) {
        skippedUntil = skippedUntil.filter { now < $0.value }
        lines = [:]
        for (rank, run) in due.enumerated().reversed() where skippedUntil[run.tabletID] == nil {
            lines[run.dataDir, default: []].append(Place(rank: rank, due: run))
        }
    }

    /// Starts the most urgent tablet that the limits allow. Ranks differ, so the order does not depend on the dictionary's.
    mutating func next() -> Due? {
        var best: (dir: String, index: Int, rank: Int)?
        for (dir, line) in lines where runsByDir[dir, default: 0] < runsPerDir {
            // A tablet that runs right now keeps its place: it may have more to do afterwards.
            guard let index = line.lastIndex(where: { running[$0.due.tabletID] == nil }) else { continue }
            if best.map({ line[index].rank < $0.rank }) ?? true { best = (dir, index, line[index].rank) }
        }
        guard let best, let due = lines[best.dir]?.remove(at: best.index).due else { return nil }
        if lines[best.dir]?.isEmpty == true { lines[best.dir] = nil }
        running[due.tabletID] = best.dir
        runsByDir[best.dir, default: 0] += 1
        return due
    }

    mutating func ended(_ tablet: TabletID, failed: Bool, now: MonotonicTime) {
        guard let dir = running.removeValue(forKey: tablet) else { return }
        let left = runsByDir[dir, default: 1] - 1
        runsByDir[dir] = left > 0 ? left : nil
        guard failed else { return }
        skippedUntil[tablet] = now + failurePause
        // It may have been offered again meanwhile.
        lines[dir]?.removeAll { $0.due.tabletID == tablet }
    }

    mutating func clear() { lines = [:] }

    /// Something changed that makes failed tablets worth another try.
    mutating func forgetFailures() { skippedUntil = [:] }
}
