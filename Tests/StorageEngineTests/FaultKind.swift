import ClusterTestKit

/// What happens at the k-th operation of a sweep.
enum FaultKind: String, CaseIterable, Sendable {
    case fail, failAfter, crashBefore, crashAfter, crashBeforeKeepingSome

    func fault(_ index: Int) -> FaultPlan.Fault {
        switch self {
        case .fail: .fail(index)
        case .failAfter: .failAfter(index)
        case .crashBefore, .crashBeforeKeepingSome: .crashBefore(index)
        case .crashAfter: .crashAfter(index)
        }
    }
}
