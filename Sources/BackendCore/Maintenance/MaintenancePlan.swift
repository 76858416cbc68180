internal import Platform
internal import StorageEngine
internal import TabletModel

/// A tablet for which a kind of work is due.
protocol DueMaintenance: Sendable {
    var tabletID: TabletID { get }
    /// Root path of its data dir: runs are limited a dir.
    var dataDir: String { get }
}

extension DueCooldown: DueMaintenance {}
extension DueCompaction: DueMaintenance {}

/// Which tablet is worked on next. Pure; the scheduler asks it.
///
/// The most urgent first; a tablet has at most one run at a time, a data dir at most `runsPerDir`; a tablet whose run
/// failed is left alone for a pause that grows with each failure in a row. What the limits hold back is delayed, not
/// dropped (Doris drops what is due for cooldown until the next round).
struct MaintenancePlan<Due: DueMaintenance> {
    let runsPerDir: Int
    let pause: Backoff
    /// By data dir, most urgent last.
    private var lines: [String: [Place]] = [:]
    private var running: [TabletID: String] = [:]
    private var runsByDir: [String: Int] = [:]
    private var failures: [TabletID: Failures] = [:]

    private struct Place {
        /// Position in the engine's list.
        let rank: Int
        let due: Due
    }

    /// In a row.
    private struct Failures {
        var count = 0
        var skippedUntil: MonotonicTime
    }

    init(runsPerDir: Int, pause: Backoff) {
        self.runsPerDir = max(1, runsPerDir)
        self.pause = pause
    }

    var runningCount: Int { running.count }
    var dueCount: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// The engine's newest list, most urgent first, replaces what was left of the one before.
    mutating func offer(_ due: [Due], now: MonotonicTime) {
        if !failures.isEmpty {
            let offered = Set(due.lazy.map(\.tabletID))
            failures = failures.filter { now < $0.value.skippedUntil || offered.contains($0.key) }
        }
        lines = [:]
        for (rank, run) in due.enumerated().reversed() {
            if let failed = failures[run.tabletID], now < failed.skippedUntil { continue }
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
        guard failed else {
            failures[tablet] = nil
            return
        }
        var record = failures[tablet] ?? Failures(skippedUntil: now)
        record.skippedUntil = now + pause.ceiling(retry: record.count)
        record.count += 1
        failures[tablet] = record
        // It may have been offered again meanwhile.
        lines[dir]?.removeAll { $0.due.tabletID == tablet }
    }

    mutating func clear() { lines = [:] }

    /// Something changed that makes failed tablets worth another try.
    mutating func forgetFailures() { failures = [:] }
}
