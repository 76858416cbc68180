public import TabletModel

/// Why a tablet did not cool down this time. Errors of the seams and of records pass through unwrapped.
public enum CooldownError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Rowsets of the tablet name a storage resource that this backend does not know (or a policy of one, in records of older
    /// builds).
    case unknownResource(TabletID, name: String)
    /// The tablet's policy, or where that points to, is not known here yet.
    case unknownPolicy(TabletID, policy: String)
    /// A conf change or a drop ended the run. Nothing is lost; what was uploaded is recorded as garbage.
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
    /// More of this replica is remote than of the uploader, which goes on.
    case ahead(TabletID, end: Version, remoteEnd: Version)
    /// The remote prefix ends inside a large rowset of this replica, and the uploader is given time to go on.
    case insideRowset(TabletID, VersionRange, remoteEnd: Version, until: UnixTime)
    /// The remote prefix ends inside a rowset that a delete behind that end was merged into, so that it can't be cut there.
    case mergedDelete(TabletID, VersionRange, delete: Version, remoteEnd: Version)
    /// The remote prefix holds other rows than this replica, which does not give up its own for them.
    case differs(TabletID, upTo: Version, rows: Int64, through: Version, remoteRows: Int64)
    case emptyRemoteMeta(TabletID)

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
        case .ahead(let id, let end, let remoteEnd):
            "tablet \(id) can't follow yet: it is remote up to \(end), the uploader up to \(remoteEnd)"
        case .insideRowset(let id, let versions, let remoteEnd, _):
            "tablet \(id) can't follow yet: the remote end \(remoteEnd) lies inside rowset \(versions)"
        case .mergedDelete(let id, let versions, let delete, let remoteEnd):
            "tablet \(id) can't follow yet: the remote end \(remoteEnd) lies inside rowset \(versions), which the delete of "
                + "version \(delete) was merged into"
        case .differs(let id, let version, let rows, let through, let remoteRows):
            "tablet \(id) can't follow: the remote prefix up to version \(version) has \(remoteRows) rows, this replica "
                + "\(rows) up to version \(through): they hold different rows, and a consistency check of the tablet tells "
                + "which replica is wrong"
        case .emptyRemoteMeta(let id): "tablet \(id) can't follow: the remote meta has no rowsets"
        }
    }

    /// What passes by itself; nil for what is an error.
    var wait: CooldownWait.Reason? {
        switch self {
        case .behind(_, let end, let remoteEnd): .behind(end: end, remoteEnd: remoteEnd)
        case .ahead(_, let end, let remoteEnd): .ahead(end: end, remoteEnd: remoteEnd)
        case .insideRowset(_, let versions, let remoteEnd, let until):
            .insideRowset(versions, remoteEnd: remoteEnd, until: until)
        case .mergedDelete(_, let versions, let delete, let remoteEnd):
            .mergedDelete(versions, delete: delete, remoteEnd: remoteEnd)
        default: nil
        }
    }
}
