internal import Logging
internal import Platform
internal import Synchronization
internal import TabletModel

/// A tablet that a data dir holds as arriving: it counts only if another dir has it as departed in the same move.
struct Arrival: Sendable {
    var tablet: Tablet
    /// Not in the pending table while the tablet is not served.
    var pending: [PendingTable.Entry]

    var id: TabletID { tablet.id }
    var dataDir: DataDir { tablet.dataDir }
}

/// Arrivals that do not count, or of which it is not known yet. Thread-safe.
final class Arrivals: Sendable {
    private let arrivals = Mutex<[Arrival]>([])

    var all: [Arrival] { arrivals.withLock { $0 } }
    func of(_ id: TabletID) -> [Arrival] { arrivals.withLock { $0.filter { $0.id == id } } }
    func add(_ arrival: Arrival) { arrivals.withLock { $0.append(arrival) } }
    func remove(_ arrival: Arrival) { arrivals.withLock { $0.removeAll { $0.tablet === arrival.tablet } } }
    func contains(_ id: TabletID, in dir: DataDir) -> Bool { of(id).contains { $0.dataDir === dir } }
}

/// What becomes of the two halves of moves (`MigrationRun`): at the start, once every dir was read, and in sweeps for what could
/// not be settled then.
extension StorageEngine {
    /// Every dir of the configuration was read, so that what none of them has is nowhere.
    private var knowsAllDirs: Bool {
        unavailableDataDirs.isEmpty && dataDirs.allSatisfy { !$0.needsRestart && $0.isUsable }
    }

    /// All dirs were read: serves the arrivals that count, and removes the others, and what departed.
    func settleMoves() {
        let departed = leaving.all.filter { $0.header.move?.stage == .departed }
        let moves = Set(departed.compactMap(\.header.move?.id))
        for arrival in arrivals.all {
            guard let move = arrival.tablet.header.move, moves.contains(move.id) else { continue }
            arrivals.remove(arrival)
            serve(.awake(arrival.tablet))
            for entry in arrival.pending { keep(entry) }
        }
        settleLeftArrivals()
        for tablet in departed { finishOrDefer(tablet) }
    }

    /// Removes arrivals that do not count, so far as that is known by now.
    /// - Parameter id: only this tablet's, whose id the caller has reserved; nil: all whose ids are free.
    func settleLeftArrivals(of id: TabletID? = nil) {
        for arrival in arrivals.all where id == nil || arrival.id == id {
            if id == nil, !tablets.reserve(arrival.id) { continue }
            defer { if id == nil { tablets.release(arrival.id) } }
            guard isDecided(arrival) else {
                logger.warning(
                    "tablet is on its way here from a data dir that can't be read now, and is not served",
                    metadata: [
                        "tablet": "\(arrival.id)", "data_dir": "\(arrival.dataDir.path)",
                        "from": "\(arrival.tablet.header.move?.peer ?? "")",
                    ])
                continue
            }
            do {
                try discard(arrival)
            } catch {
                logger.warning(
                    "what a move that did not happen left is not removed yet, a sweep does it",
                    metadata: [
                        "tablet": "\(arrival.id)", "data_dir": "\(arrival.dataDir.path)", "error": "\(error)",
                    ])
            }
        }
    }

    /// The arrival does not count: the tablet is served from where it was, by a dir whose word is known; or it is nowhere.
    private func isDecided(_ arrival: Arrival) -> Bool {
        if let served = tablets.look(arrival.id) { return served.dataDir.isChangeable }
        return knowsAllDirs
    }

    /// Another replica, or another move, takes the place: what arrived before goes. The id is reserved.
    func discardArrivals(of id: TabletID) throws {
        for arrival in arrivals.of(id) { try discard(arrival) }
    }

    /// Records first: without them the files are strays, which the next start removes.
    private func discard(_ arrival: Arrival) throws {
        let dir = arrival.dataDir
        var batch = WriteBatch()
        batch.delete(MetaKeys.header(arrival.id))
        for prefix in [MetaKeys.rowsets(of: arrival.id), MetaKeys.staleRowsets(of: arrival.id)] {
            batch.deleteRange(from: prefix, to: MetaKeys.end(ofRowsets: prefix))
        }
        for entry in arrival.pending { batch.delete(entry.key.metaKey) }
        try dir.writeMeta(batch)
        arrivals.remove(arrival)
        let row = arrival.tablet.singleRow
        dir.localBytes.subtract(row.dataSizeBytes, ordering: .relaxed)
        dir.remoteBytes.subtract(row.remoteDataSizeBytes, ordering: .relaxed)
        logger.info(
            "what a move that did not happen left is removed",
            metadata: ["tablet": "\(arrival.id)", "data_dir": "\(dir.path)"])
        let folder = dir.layout.tabletFolder(shard: arrival.tablet.header.shardID, arrival.id)
        do {
            try fileSystem.removeTree(folder)
        } catch {
            logger.warning(
                "files of a move that did not happen not removed, the next start does it",
                metadata: ["folder": "\(folder)", "error": "\(error)"])
        }
    }

    /// The remains of a moved tablet are the word that the other half counts by: they may go once that says no longer that it
    /// arrives, durably.
    /// - Throws: `.busy` while it can't be known, what the commit throws.
    func settleMove(of tablet: Tablet) throws {
        guard let move = tablet.header.move, move.stage == .departed else { return }
        if let served = try tablets[tablet.id], served.dataDir.path == move.peer {
            guard served.header.move?.id == move.id else { return }
            try served.commit(TabletChange(editHeader: { if $0.move?.id == move.id { $0.move = nil } }))
            return
        }
        // It was settled, and has moved on or been dropped since.
        guard knowsAllDirs else {
            throw EngineError.busy(tablet.id, what: "its move to \(move.peer), which can't be read now,")
        }
    }
}
