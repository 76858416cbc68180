internal import StorageEngine
public import TabletModel

extension CoolingEngine {
    // MARK: Compaction and checks

    public func compact(_ request: CompactionRequest) throws {
        _ = try translating { try storage.compact(request, isAsked: true) }
    }

    public func runCompaction(_ due: DueCompaction) throws {
        let request = CompactionRequest(tabletID: due.tabletID, kind: due.kind)
        do {
            _ = try storage.compact(request, isAsked: false)
        } catch EngineError.busy, EngineError.unknownTablet, EngineError.tabletNotRunning {
            // It is looked at again in the next round, or gone for good.
            return
        } catch {
            throw TaskError(RPCStatus(describing: error))
        }
    }

    public func checksum(_ request: CheckConsistencyRequest) throws -> Int64 {
        try translating { try storage.checksum(request).folded }
    }

    public func dueCompactions() -> [DueCompaction] {
        storage.dueCompactions().map {
            DueCompaction(tabletID: $0.tabletID, kind: $0.kind, dataDir: $0.dataDir, score: $0.score)
        }
    }
}
