/// What a failed operation says of the disk under it. The one table from which every decision about data is made: what is
/// full, read-only or short of descriptors is not broken, and what could not be opened is not lost.
///
/// | trouble | errno | the data are | so |
/// |---|---|---|---|
/// | `full` | ENOSPC, EDQUOT | there | read, report; take no more rows |
/// | `readOnly` | EROFS | there | read, report; change nothing |
/// | `forbidden` | EACCES, EPERM | there | as read-only where they can still be read, else out of use |
/// | `exhausted` | EMFILE, ENFILE, ENOMEM, EAGAIN | there | this process lacks something: nothing is concluded, try again |
/// | `missing` | ENOENT | gone, if the folder they were in is there | with the whole dir gone, its disk is away |
/// | `broken` | EIO and what is not named here | perhaps damaged | read again before anything is concluded |
/// | `refused` | EEXIST, ENOTEMPTY, a lock that is taken | there | the call was wrong, not the disk |
///
/// EINTR never gets here: the call is made again.
public enum DiskTrouble: String, Hashable, Sendable {
    case full, readOnly, forbidden, exhausted, missing, broken, refused
}

extension FileSystemError {
    public var trouble: DiskTrouble {
        switch code {
        case .noSpace: .full
        case .readOnly: .readOnly
        case .permissionDenied: .forbidden
        case .exhausted: .exhausted
        case .notFound: .missing
        case .io: .broken
        case .alreadyExists, .locked, .notEmpty: .refused
        }
    }
}

extension KeyValueStoreError {
    public var trouble: DiskTrouble {
        switch code {
        case .noSpace: .full
        case .corruption, .io, .other: .broken
        case .locked, .closed: .refused
        }
    }
}

extension DiskTrouble {
    /// nil for an error that is none of a disk.
    public init?(_ error: any Error) {
        switch error {
        case let error as FileSystemError: self = error.trouble
        case let error as KeyValueStoreError: self = error.trouble
        default: return nil
        }
    }

    /// The data are as they were, and only writing is over for the time being.
    public var leavesDataReadable: Bool { self == .full || self == .readOnly || self == .forbidden }
}
