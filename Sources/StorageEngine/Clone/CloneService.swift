internal import Logging
public import Platform
internal import Synchronization
public import TabletModel
internal import VersionTracking

/// Settings of clones.
public struct CloneSettings: Sendable {
    /// Files of one source fetched at the same time.
    public var parallelFiles = 4
    /// For a task that names none.
    public var defaultTimeoutSeconds: Int64 = 7200
    /// A source that is slower than this all the while is given up for the next (`download_low_speed_limit_kbps`,
    /// `download_low_speed_time`: `contract/behaviour.md` §3); small files have the time in any case.
    public var lowSpeedBytesPerSecond: Int64 = 50 << 10
    public var lowSpeedSeconds: Int64 = 300
    /// Verified files of a clone that nobody goes on with are kept so long.
    public var stagingExpiry: Duration = .seconds(86_400)

    public init() {}
}

/// CLONE: gives a replica the rowsets it lacks from other replicas, or makes it whole (`contract/behaviour.md` §3).
///
/// Blocking; any thread. One clone of a tablet runs at a time, and no creation, drop, compaction or cooldown beside it. What
/// was fetched and verified survives a failure and a restart (`CloneStaging`); the tablet changes in one commit or not at
/// all. `ClonePlan` says what is taken.
public final class CloneService: Sendable {
    public let engine: StorageEngine
    public let settings: CloneSettings
    let peers: any PeerConnector
    let board = CloneBoard()
    private let token = Mutex<@Sendable () -> String?>({ nil })

    public init(engine: StorageEngine, peers: any PeerConnector, settings: CloneSettings = CloneSettings()) {
        self.engine = engine
        self.peers = peers
        self.settings = settings
    }

    var logger: Logger { engine.environment.logger }
    var fileSystem: any FileSystem { engine.environment.fileSystem }

    /// Where the cluster's token comes from: the node that heartbeats teach. Until then clones end in `.noToken`.
    public func useToken(_ source: @escaping @Sendable () -> String?) { token.withLock { $0 = source } }

    /// Clones under way, in tablet order.
    public var progress: [CloneProgress] { board.all }

    /// Brings the replica up to the request's version, or makes it. A replica that lacks nothing is done at once.
    ///
    /// - Throws: `.replicaMismatch` and `.schemaHashMismatch` when another replica or schema is here, `.busy`, `.loading`,
    ///   `.invalidArgument`, `.noDataDirWithSpace`, `.dataDirUnusable`, `.metaUnavailable`; `CloneError`, of which
    ///   `.incomplete` lists what no source could give; `FileSystemError` of the own disk.
    public func clone(_ request: CloneRequest) throws -> CloneOutcome {
        guard request.tabletID > 0 else {
            throw EngineError.invalidArgument("tablet id \(request.tabletID) of a CLONE is not positive")
        }
        if let version = request.committedVersion, version > .greatest {
            throw EngineError.invalidArgument(
                "version \(version) of the CLONE of tablet \(request.tabletID) can't be")
        }
        guard engine.isLoaded else { throw EngineError.loading }
        guard engine.tablets.reserve(request.tabletID) else {
            throw EngineError.busy(request.tabletID, what: "a creation, a drop or another clone")
        }
        defer { engine.tablets.release(request.tabletID) }
        guard let tablet = try engine.tablets[request.tabletID] else { return try create(request) }
        try check(request, against: tablet)
        try tablet.dataDir.checkChangeable()
        let isBroken = tablet.isBroken || engine.unreadable.hasLocal(tablet.id)
        if !isBroken, let version = request.committedVersion, tablet.missed(upTo: version).isEmpty {
            return CloneOutcome(row: engine.row(of: tablet))
        }
        guard tablet.tryBegin(.clone) else {
            throw EngineError.busy(tablet.id, what: "a \(tablet.currentWork?.rawValue ?? "change")")
        }
        defer { tablet.end(.clone) }
        return try running(request, isWhole: isBroken) { run in
            isBroken
                ? try makeWhole(run, replacing: tablet, in: tablet.dataDir) : try repair(tablet, run)
        }
    }

    private func check(_ request: CloneRequest, against tablet: Tablet) throws {
        guard request.replicaID == 0 || request.replicaID == tablet.replicaID else {
            throw EngineError.replicaMismatch(tablet.id, local: tablet.replicaID, requested: request.replicaID)
        }
        guard request.schemaHash == tablet.schemaHash else {
            throw EngineError.schemaHashMismatch(tablet.id, local: tablet.schemaHash, requested: request.schemaHash)
        }
        try tablet.checkRunning()
    }

    private func create(_ request: CloneRequest) throws -> CloneOutcome {
        try engine.clearFormerReplicas(of: request.tabletID)
        let dir = try chooseDataDir(request)
        return try running(request, isWhole: true) { try makeWhole($0, replacing: nil, in: dir) }
    }

    /// The dir of the request; else the one that an earlier try has files in; else the less loaded of two.
    private func chooseDataDir(_ request: CloneRequest) throws -> DataDir {
        if let hash = request.destinationPathHash, hash != 0,
            let dir = engine.dataDirs.first(where: { $0.pathHash == hash })
        {
            try dir.checkChangeable()
            return dir
        }
        for dir in engine.dataDirs where dir.refusalOfData() == nil {
            if try CloneStaging(dir, request.tabletID, request.schemaHash).exists { return dir }
        }
        return try engine.chooseDataDir(medium: request.medium)
    }

    private func running(_ request: CloneRequest, isWhole: Bool, _ body: (CloneRun) throws -> Tablet) throws
        -> CloneOutcome
    {
        guard let token = token.withLock({ $0 })() else { throw CloneError.noToken(request.tabletID) }
        guard !request.sources.isEmpty else {
            throw EngineError.invalidArgument("CLONE of tablet \(request.tabletID) names no source")
        }
        let run = CloneRun(request, token: token, service: self)
        board.begin(CloneProgress(request, isWhole: isWhole, startedAt: engine.environment.time.wallNow))
        defer { board.end(request.tabletID) }
        let tablet = try body(run)
        let row = engine.row(of: tablet)
        logger.info(
            "tablet cloned",
            metadata: [
                "tablet": "\(tablet.id)", "replica": "\(tablet.replicaID)", "version": "\(row.version)",
                "whole": "\(isWhole)", "bytes": "\(run.copiedBytes)", "ms": "\(run.elapsedMs)",
            ])
        return CloneOutcome(row: row, copiedBytes: run.copiedBytes, copyTimeMs: run.elapsedMs)
    }
}

extension Tablet {
    /// Bad in a way that its versions do not tell: only a whole copy helps.
    fileprivate var isBroken: Bool { withState { $0.breakage != nil || $0.tracker.hasCrossing } }

    func missed(upTo version: Version) -> VersionSet {
        withState { VersionSet($0.tracker.missedVersions(upTo: version)) }
    }
}
