internal import TabletModel

/// How one run of a task ended.
enum TaskOutcome {
    case finished(TaskResult)
    /// Run it again after the pause; until then it holds no worker.
    case again(after: Duration)
}

/// What `finishTask` says beyond who and which (`contract/behaviour.md` §2, third column).
struct TaskResult: Sendable {
    var status: RPCStatus = .ok
    var tablets: [TabletReportRow]?
    var requestVersion: Version?
    var errorTabletIDs: [TabletID]?
    var succeededTablets: [TabletID: Version]?
    var tabletFiles: [TabletID: [String]]?
    var downloadedTabletIDs: [TabletID]?
    var tabletChecksum: Int64?
    var snapshotPath: String?
    var snapshotFiles: [String]?
    var copiedBytes: Int64?
    var copyTimeMs: Int64?
    /// Send the report version along; `bumpsReportVersion` raises it first when the task succeeded.
    var sendsReportVersion = false
    var bumpsReportVersion = false

    static func failed(_ status: RPCStatus) -> TaskResult { TaskResult(status: status) }
}

/// What a handler may use.
struct TaskContext {
    let engine: any AgentEngine
    let options: BackendOptions
    /// Since the task was accepted.
    let age: Duration
    /// Runs before this one.
    let earlierRuns: Int
    let upkeep: any TaskUpkeep
    /// Who has to hear of the task while it runs.
    let link: MasterLink
}

/// What a finished task may set off elsewhere in the backend. Must not block.
protocol TaskUpkeep: Sendable {
    /// A cooldown conf was accepted: its tablets may have work now.
    func cooldownConfsApplied()
    /// Cold rows may be readable now that were not, or cool elsewhere: reports are due.
    func storageRulesChanged()
}
