internal import Synchronization
public import TabletModel

/// An ALTER under way.
public struct AlterProgress: Hashable, Sendable {
    public var baseTabletID: TabletID
    public var newTabletID: TabletID
    public var rowsDone: Int64
    /// What the base's rowsets hold; fewer come out of a scan when rows were deleted.
    public var rowsTotal: Int64
}

/// The ALTERs under way, by the tablet they fill. Thread-safe; every call is short.
final class AlterBoard: Sendable {
    private let runs = Mutex<[TabletID: AlterRun]>([:])

    func begin(_ run: AlterRun) { runs.withLock { $0[run.new] = run } }
    func end(_ run: AlterRun) { runs.withLock { _ = $0.removeValue(forKey: run.new) } }

    /// Asks the runs that fill the tablet, or read it, to stop.
    /// - Returns: how many there are.
    func stop(_ tablet: TabletID) -> Int {
        let concerned = runs.withLock { $0.values.filter { $0.new == tablet || $0.base == tablet } }
        for run in concerned { run.stop() }
        return concerned.count
    }

    /// In the order of the new tablets.
    var all: [AlterProgress] {
        runs.withLock { Array($0.values) }.map(\.progress).sorted { $0.newTabletID < $1.newTabletID }
    }
}

/// One of them.
final class AlterRun: Sendable {
    let base: TabletID
    let new: TabletID
    private let rowsTotal: Int64
    private let rowsDone = Atomic<Int64>(0)
    private let isStopped = Atomic<Bool>(false)

    init(base: TabletID, new: TabletID, rowsTotal: Int64) {
        self.base = base
        self.new = new
        self.rowsTotal = rowsTotal
    }

    func stop() { isStopped.store(true, ordering: .releasing) }
    func count(_ rows: Int) { rowsDone.add(Int64(rows), ordering: .relaxed) }

    /// - Throws: `.conflict` once somebody gave the alter up.
    func check() throws(EngineError) {
        if isStopped.load(ordering: .acquiring) { throw .conflict(new, reason: "its alter was given up") }
    }

    var progress: AlterProgress {
        AlterProgress(
            baseTabletID: base, newTabletID: new, rowsDone: rowsDone.load(ordering: .relaxed), rowsTotal: rowsTotal)
    }
}
