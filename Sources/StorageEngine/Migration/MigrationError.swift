public import TabletModel

/// Why a tablet was not moved to another data dir of its backend. Nothing has changed then.
public enum MigrationError: Error, Hashable, Sendable {
    /// It is in that dir already.
    case sameDir(TabletID, dir: String)
    /// It is on that medium already.
    case sameMedium(TabletID, StorageMedium)
    /// All data dirs are of one medium, so that none can be asked for by its medium.
    case oneMedium(TabletID, StorageMedium)
    case noSuchMedium(TabletID, StorageMedium)
    /// `storage_root_path` has no such dir.
    case unknownDir(TabletID, dir: String, own: [String])
    /// New rowsets came faster than they could be copied.
    case keepsChanging(TabletID, rounds: Int)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sameDir(let id, let dir): "tablet \(id) is in data dir \(dir) already"
        case .sameMedium(let id, let medium): "tablet \(id) is on medium \(medium) already"
        case .oneMedium(let id, let medium):
            "tablet \(id) can't be moved to another medium: all data dirs of this backend are of medium \(medium); name a "
                + "data dir instead"
        case .noSuchMedium(let id, let medium):
            "tablet \(id) can't be moved: no data dir of this backend is of medium \(medium)"
        case .unknownDir(let id, let dir, let own):
            "tablet \(id) can't be moved to \"\(dir.prefix(200))\", which is no data dir of this backend: it has "
                + own.joined(separator: ", ")
        case .keepsChanging(let id, let rounds):
            "tablet \(id) was not moved: new rowsets came during each of \(rounds) rounds of copying; try again when fewer "
                + "loads run"
        }
    }

    /// The status code an FE sees.
    public var statusCode: StatusCode {
        switch self {
        case .sameDir, .sameMedium: .alreadyExist
        case .oneMedium, .noSuchMedium, .unknownDir: .invalidArgument
        case .keepsChanging: .aborted
        }
    }
}
