public import TabletModel

/// Why an upload, a download or a move of a backup ended without success. Errors of the seams pass through unwrapped. None
/// says a key or a token.
public enum BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The master does not want it any more. What was copied stays, and spares the next try its work.
    case cancelled(job: Int64)
    /// Not done by this backend.
    case notImplemented(String)
    /// The request can't be.
    case invalid(String)
    /// Another upload, download or move works in this snapshot folder.
    case folderBusy(String)
    /// A local snapshot folder does not hold what it should.
    case badFolder(String, reason: String)
    /// What lies in the backup is not what it says.
    case badBackup(String, reason: String)

    public var description: String {
        switch self {
        case .cancelled(let job): "the master does not want job \(job) any more"
        case .notImplemented(let what): what
        case .invalid(let reason): reason
        case .folderBusy(let path): "\(path): an upload, download or move works in it: try again"
        case .badFolder(let path, let reason): "\(path): \(reason)"
        case .badBackup(let place, let reason): "\(place): \(reason)"
        }
    }

    public var statusCode: StatusCode {
        switch self {
        case .cancelled: .cancelled
        case .notImplemented: .notImplementedError
        case .invalid: .invalidArgument
        case .folderBusy: .aborted
        case .badFolder, .badBackup: .corruption
        }
    }
}
