/// Why the FE's metadata can't be read or changed.
public enum MetadataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An append or its sync failed: what is on disk is unknown, so nothing is written any more. The daemon exits with this
    /// message; a restart reads what is there and goes on from it.
    case journalFailed(reason: String)
    /// A change that was handed over can't be written as an entry.
    case notEncodable(operation: OperationCode, reason: String)
    case imageCorrupt(path: String, reason: String)
    case imageNewerFormat(path: String, found: UInt32, supported: UInt32)
    case checkpointRunning
    /// `VERSION` or `ROLE` is missing or not what it should be.
    case badIdentity(path: String, reason: String)

    public var description: String {
        switch self {
        case .journalFailed(let reason):
            "the edit log could not be written: \(reason); no change is accepted any more: repair the disk and restart the FE"
        case .notEncodable(let operation, let reason): "\(operation) can't be written to the edit log: \(reason)"
        case .imageCorrupt(let path, let reason): "image \(path) is corrupt: \(reason)"
        case .imageNewerFormat(let path, let found, let supported):
            "image \(path) has format \(found), this build reads up to \(supported): start a newer build"
        case .checkpointRunning: "a checkpoint is being written already; wait for it to end"
        case .badIdentity(let path, let reason): "\(path): \(reason); restore it from a copy of the meta dir"
        }
    }
}
