internal import ClusterMetadata
internal import Platform
internal import TabletModel

/// Where a tablet is to go inside its backend.
enum DiskTarget: Hashable, Sendable, CustomStringConvertible {
    case dir(path: String)
    case medium(StorageMedium)

    var description: String {
        switch self {
        case .dir(let path): path
        case .medium(let medium): "medium \(medium)"
        }
    }
}

/// A tablet's move to another data dir of its backend, from the moment at which the task is queued.
struct DiskMove: Hashable, Sendable {
    /// Also of the job that callers poll.
    var id: Int64
    var key: ReplicaKey
    var target: DiskTarget
    var bytes: Int64
    /// The balancer chose it, and not a person.
    var isBalancing: Bool
    var startedAt: UnixTime
    /// Given up after this.
    var deadline: MonotonicTime
}
