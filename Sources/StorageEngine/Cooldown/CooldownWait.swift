public import TabletModel

/// Why a tablet that cools still has rows on this backend's disk, and since when.
public struct CooldownWait: Hashable, Sendable {
    public var tabletID: TabletID
    public var reason: Reason
    /// Since when it has waited for this. Where nobody noted it: since its rows were due, or since they were written.
    public var since: UnixTime
    /// Runs in a row that ended with this reason; 0 when none has.
    public var runs: Int64

    public enum Reason: Hashable, Sendable {
        /// Its data dir takes no changes.
        case dataDir(DiskCondition)
        /// The FE has not chosen an uploader, or its conf has not reached this replica.
        case noConf
        /// The backend knows no such policy, or no resource of it.
        case unknownPolicy(String)
        /// It names neither a ttl nor a moment.
        case policyWithoutMoment(String)
        case missingVersions(after: Version)
        /// - Parameter written: by this backend's clock at that time.
        case tooYoung(written: UnixTime, until: UnixTime)
        /// Other tablets go first, or the next round has not begun.
        case turn
        case work(TabletWork)
        /// Rows are remote; what tells the followers so is not written yet, and the local files stay until it is.
        case remoteMetaNotWritten
        case noRemoteMeta(uploader: ReplicaID, term: Int64)
        /// This replica lacks versions of the remote prefix: a publish or a repair brings them.
        case behind(end: Version, remoteEnd: Version)
        /// More of this replica is remote than of the uploader, which goes on.
        case ahead(end: Version, remoteEnd: Version)
        /// The remote prefix ends inside a large rowset. The uploader is given until then to go on; then it is cut.
        case insideRowset(VersionRange, remoteEnd: Version, until: UnixTime)
        /// The remote prefix ends inside a rowset that this delete was merged into, and can't be cut before it: the uploader
        /// goes on.
        case mergedDelete(VersionRange, delete: Version, remoteEnd: Version)
        /// The last run ended in this error.
        case failed(String)
    }
}

extension CooldownWait.Reason: CustomStringConvertible {
    /// One word, for counts and as a label of metrics.
    public var name: String { kind.rawValue }

    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case dataDir = "data_dir"
        case noConf = "no_conf"
        case unknownPolicy = "unknown_policy"
        case policyWithoutMoment = "policy_without_moment"
        case missingVersions = "missing_versions"
        case tooYoung = "too_young"
        case turn, work
        case remoteMetaNotWritten = "remote_meta_not_written"
        case noRemoteMeta = "no_remote_meta"
        case behind, ahead
        case insideRowset = "inside_rowset"
        case mergedDelete = "merged_delete"
        case failed
    }

    public var kind: Kind {
        switch self {
        case .dataDir: .dataDir
        case .noConf: .noConf
        case .unknownPolicy: .unknownPolicy
        case .policyWithoutMoment: .policyWithoutMoment
        case .missingVersions: .missingVersions
        case .tooYoung: .tooYoung
        case .turn: .turn
        case .work: .work
        case .remoteMetaNotWritten: .remoteMetaNotWritten
        case .noRemoteMeta: .noRemoteMeta
        case .behind: .behind
        case .ahead: .ahead
        case .insideRowset: .insideRowset
        case .mergedDelete: .mergedDelete
        case .failed: .failed
        }
    }

    public var description: String {
        switch self {
        case .dataDir(let condition): "its data dir is \(condition.state): \(condition.reason)"
        case .noConf: "no cooldown conf has reached it"
        case .unknownPolicy(let name): "this backend knows no resource of storage policy \(name) yet"
        case .policyWithoutMoment(let name): "storage policy \(name) sets neither a ttl nor a moment"
        case .missingVersions(let version): "it lacks versions after \(version): repair brings them"
        case .tooYoung(let written, let until):
            "its rows of \(written.iso8601) are due at \(until.iso8601)"
        case .turn: "it is due, and other tablets have their turn"
        case .work(let work): "a \(work.rawValue) has it"
        case .remoteMetaNotWritten: "its remote meta is not written yet"
        case .noRemoteMeta(let uploader, let term):
            "uploader \(uploader) has not written a remote meta of term \(term) yet"
        case .behind(let end, let remoteEnd):
            "it has versions up to \(end), the remote prefix ends at \(remoteEnd): a publish or a repair brings them"
        case .ahead(let end, let remoteEnd):
            "it is remote up to \(end), the uploader up to \(remoteEnd) and goes on"
        case .insideRowset(let versions, let remoteEnd, let until):
            "the remote prefix ends at \(remoteEnd), inside its rowset \(versions), which is cut at \(until.iso8601) "
                + "unless the uploader has gone on"
        case .mergedDelete(let versions, let delete, let remoteEnd):
            "the remote prefix ends at \(remoteEnd), inside its rowset \(versions), which the delete of version \(delete) "
                + "was merged into; the uploader goes on"
        case .failed(let error): error
        }
    }
}
