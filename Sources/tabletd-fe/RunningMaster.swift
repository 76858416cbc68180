import MasterCore
import Platform
import Synchronization
import TabletModel

/// The master once its metadata is loaded; before, everything that asks for it is told to come again.
final class RunningMaster: FrontendHandler {
    private let master = Mutex<Master?>(nil)

    var current: Master? {
        get { master.withLock { $0 } }
        set { master.withLock { $0 = newValue } }
    }

    private static let starting = RPCStatus(.uninitialized, "the FE is starting; try again in a moment")

    func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        current?.frontend.finishTask(request) ?? Self.starting
    }

    func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus] {
        current?.frontend.finishTasks(requests) ?? requests.map { _ in Self.starting }
    }

    func report(_ report: IncomingReport) -> RPCStatus { current?.frontend.report(report) ?? Self.starting }

    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? {
        current?.frontend.tabletsArrive(from: backend)
    }

    func ping(_ request: PingRequest) -> PingReply {
        current?.frontend.ping(request) ?? PingReply(isOK: false, message: "not ready")
    }

    func storageRules() -> (status: RPCStatus, rules: StorageRules) {
        current?.frontend.storageRules() ?? (Self.starting, StorageRules())
    }

    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] {
        current?.frontend.confirmUnusedRemoteFiles(tablets) ?? []
    }

    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus {
        current?.frontend.snapshotLoaderReport(progress) ?? Self.starting
    }
}
