import ClusterTestKit

/// What happens at the k-th operation.
enum FaultKind: String, CaseIterable, Sendable {
    case fail, failAfter, failReadsToo, crashBefore, crashAfter, crashKeepingSome

    func fault(_ index: Int) -> FaultPlan.Fault {
        switch self {
        case .fail, .failReadsToo: .fail(index)
        case .failAfter: .failAfter(index)
        case .crashBefore, .crashKeepingSome: .crashBefore(index)
        case .crashAfter: .crashAfter(index)
        }
    }
}
