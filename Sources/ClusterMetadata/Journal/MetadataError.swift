/// Why the FE's metadata can't be read or changed.
public enum MetadataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The change was not made, and nothing of it will ever be: its append failed, and is not there.
    case notWritten(reason: String)
    /// The change was not tried: an append before it failed so that nobody can say what is durable, or the disk of the edit
    /// log takes no writes. The FE tries again by itself.
    case unwritable(seconds: Int64, reason: String)
    /// An append failed, and reading back has not told yet what became of it: the change may be made. It is settled before
    /// any other change is.
    case outcomeUnknown(reason: String)
    /// The change was not tried: another FE is the master, or none is yet. Its caller asks the master.
    case notMaster
    /// Somebody else's entries were to be taken over by the FE that leads.
    case leading
    /// The FE can't lead: there is more in the edit log than it has replayed.
    case behind(replayed: Int64, end: Int64)
    /// The edit log holds entries that this FE did not write: another one has its folder, or had it.
    case foreignEntries(after: Int64, count: Int)
    /// A change that was handed over can't be written as an entry.
    case notEncodable(operation: OperationCode, reason: String)
    case imageCorrupt(path: String, reason: String)
    case imageNewerFormat(path: String, found: UInt32, supported: UInt32)
    case checkpointRunning
    /// `VERSION` or `ROLE` is missing or not what it should be.
    case badIdentity(path: String, reason: String)
    /// What `ROLE` says does not agree with the metadata.
    case notOfCluster(path: String, reason: String)

    public var description: String {
        switch self {
        case .notWritten(let reason): "the edit log could not be written, and the change was not made: \(reason)"
        case .unwritable(let seconds, let reason):
            "metadata can't be written for \(seconds) s now: \(reason)"
        case .outcomeUnknown(let reason):
            "whether the change was made is not known until the edit log can be read back: \(reason)"
        case .notMaster: "this FE is not the master, and the change was not made"
        case .leading: "this FE leads: it takes over no entries of others"
        case .behind(let replayed, let end):
            "the edit log ends at \(end), and only up to \(replayed) was replayed: this FE can't lead yet"
        case .foreignEntries(let last, let count):
            """
            the edit log holds \(count) entries behind log id \(last) that this FE did not write; see that no other FE uses this \
            meta_dir, then restart this one
            """
        case .notEncodable(let operation, let reason): "\(operation) can't be written to the edit log: \(reason)"
        case .imageCorrupt(let path, let reason): "image \(path) is corrupt: \(reason)"
        case .imageNewerFormat(let path, let found, let supported):
            "image \(path) has format \(found), this build reads up to \(supported): start a newer build"
        case .checkpointRunning: "a checkpoint is being written already; wait for it to end"
        case .notOfCluster(let path, let reason): "\(path): \(reason)"
        case .badIdentity(let path, let reason): "\(path): \(reason); restore it from a copy of the meta dir"
        }
    }
}
