public import TabletModel

/// Why a tablet did not cool down this time. Errors of the seams and of records pass through unwrapped.
public enum CooldownError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Rowsets of the tablet name a storage resource that this backend does not know (or a policy of one, in records of older
    /// builds).
    case unknownResource(TabletID, name: String)
    /// The tablet's policy, or where that points to, is not known here yet.
    case unknownPolicy(TabletID, policy: String)
    /// A conf change ended the run. Nothing is lost; what was uploaded is recorded as garbage.
    case aborted(TabletID)
    /// This replica is not the tablet's uploader as of the conf it began with.
    case notUploader(TabletID)
    /// Remote rowsets are no gap-free prefix from version 0: the meta must not be written.
    case brokenRemotePrefix(TabletID)
    /// A local segment differs from what its rowset says of it: the replica is bad.
    case localSegmentCorrupt(TabletID, file: String, reason: String)
    /// An object differs from what was uploaded, or from what the remote meta says of it.
    case objectMismatch(TabletID, key: String, reason: String)
    /// A remote meta that is not the one its name promises.
    case foreignRemoteMeta(TabletID, key: String, reason: String)
    /// This replica lacks versions of the remote prefix: a publish or a repair will bring them.
    case behind(TabletID, end: Version, remoteEnd: Version)
    /// This replica's versions do not fit the remote prefix.
    case misaligned(TabletID, reason: String)

    public var description: String {
        switch self {
        case .unknownResource(let id, let name):
            "tablet \(id): storage resource \(name) is not known here, so its cold rows can't be read; the master sends "
                + "every resource that it has: look there whether it was dropped"
        case .unknownPolicy(let id, let policy):
            "tablet \(id): no storage resource of policy \(policy) is known yet; the master will send it"
        case .aborted(let id): "tablet \(id): a cooldown conf change ended the run"
        case .notUploader(let id): "tablet \(id): this replica is not the uploader any more"
        case .brokenRemotePrefix(let id): "tablet \(id): its remote rowsets are no gap-free prefix from version 0"
        case .localSegmentCorrupt(let id, let file, let reason): "tablet \(id): segment \(file) is corrupt: \(reason)"
        case .objectMismatch(let id, let key, let reason): "tablet \(id): object \(key): \(reason)"
        case .foreignRemoteMeta(let id, let key, let reason): "tablet \(id): remote meta \(key): \(reason)"
        case .behind(let id, let end, let remoteEnd):
            "tablet \(id) can't follow yet: it has versions up to \(end), the remote end is \(remoteEnd)"
        case .misaligned(let id, let reason): "tablet \(id) can't follow: \(reason)"
        }
    }
}
