internal import BackupRestore
internal import ClusterMetadata
internal import ColdStorage
internal import MasterServices
public import Platform
public import TabletModel
internal import TabletReports

/// What the master answers on its rpc port (`FrontendService`). Any thread; answers at once, apart from the journal's
/// sync.
public struct MasterFrontend: FrontendHandler {
    let environment: MasterEnvironment
    let router: FinishTaskRouter
    let reports: ReportProcessor
    let backups: BackupManager

    public func finishTask(_ request: FinishTaskRequest) -> RPCStatus { router.finish(request) }

    public func finishTasks(_ requests: [FinishTaskRequest]) -> [RPCStatus] { router.finish(requests) }

    public func report(_ report: IncomingReport) -> RPCStatus { reports.offer(report) }

    public func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? {
        reports.arriving(from: backend)
    }

    /// A frontend that asks whether this one is alive. The token is compared, never shown (`contract/behaviour.md §11`,
    /// 46).
    public func ping(_ request: PingRequest) -> PingReply {
        let identity = environment.store.identity
        let message: String? =
            if request.clusterID != identity.clusterID {
                "this frontend belongs to cluster \(identity.clusterID)"
            } else if !identity.accepts(token: request.token) {
                "the token is wrong"
            } else {
                nil
            }
        let own = environment.configuration
        var reply = PingReply(
            isOK: message == nil, message: message ?? "success", queryPort: own.queryPort, rpcPort: own.rpcPort,
            replayedJournalID: environment.store.lastLogID, version: own.version)
        if reply.isOK { (reply.processUUID, reply.httpPort) = (own.processUUID, own.httpPort) }
        return reply
    }

    public func storageRules() -> (status: RPCStatus, rules: StorageRules) {
        (.ok, environment.store.read { PolicyEntries.rules(in: $0) })
    }

    public func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] {
        UnusedFileConfirmation(environment: environment).confirm(tablets)
    }

    public func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus { backups.progress(progress) }
}
