internal import Synchronization

extension BackendNode {
    /// The reports that can be asked for, by Doris' names.
    public enum Report: String, CaseIterable, Sendable {
        case task, disk, tablet
    }

    /// Why a report that was asked for would not be sent.
    public enum ReportRefusal: Error, Hashable, CustomStringConvertible {
        case noMaster, loading, stopping

        public var description: String {
            switch self {
            case .noMaster: "no master has sent a heartbeat yet; there is nobody to report to"
            case .loading: "tablets are still being loaded; disks and tablets are reported once they are"
            case .stopping: "this backend is stopping"
            }
        }
    }

    /// Has one report sent now instead of at its time, and returns before it is. One that is on its way is followed by
    /// another.
    public func reportNow(_ report: Report) throws(ReportRefusal) {
        guard !isStopping.load(ordering: .relaxed) else { throw .stopping }
        guard heartbeats.state.master != nil else { throw .noMaster }
        guard isLoaded || report == .task else { throw .loading }
        switch report {
        case .task: reports.task.trigger()
        case .disk: reports.disk.trigger()
        case .tablet: reports.tablet.trigger()
        }
    }
}
