internal import Platform
internal import StorageEngine
public import TabletModel

extension CoolingEngine {
    // MARK: Replicas

    public func clone(_ request: CloneRequest) throws -> CloneOutcome {
        try translating {
            guard let clones else {
                throw EngineError.notImplemented("CLONE of tablet \(request.tabletID) by this node")
            }
            let result = try clones.clone(request)
            return CloneOutcome(row: result.row, copiedBytes: result.copiedBytes, copyTimeMs: result.copyTimeMs)
        }
    }

    public func makeSnapshot(_ request: SnapshotRequest) throws -> SnapshotOutcome {
        try translating {
            let made = try snapshots.make(request)
            return SnapshotOutcome(
                path: made.path, isIncremental: made.isIncremental, files: request.listFiles ? made.files : nil)
        }
    }

    public func releaseSnapshot(path: String) throws { try translating { try snapshots.release(path) } }

    /// What forgotten snapshots and abandoned clones left. Both go through all dirs before one of them fails.
    func sweepReplicas() throws {
        let now = storage.environment.time.wallNow
        try translating {
            let swept = Result { try snapshots.sweep(now: now) }
            try clones?.sweepStaging(now: now)
            try swept.get()
        }
    }
}
