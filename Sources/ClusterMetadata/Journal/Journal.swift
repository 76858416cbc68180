/// The edit log: entries numbered from 1 without a gap. One writer.
public protocol Journal: Sendable {
    /// Makes the entries durable, all or none of them, and returns the log id of the last one.
    /// - Throws: `JournalAppendError`, which says whether they may be there all the same.
    func append(_ entries: [EncodedEntry]) throws -> Int64
    /// The same, where the next append may begin before this one has ended. What they append lies in the order in which they began;
    /// behind one that failed nothing is there, nor will be, unless its outcome is unknown, and then theirs is too.
    ///
    /// - Parameters:
    ///   - logID: the entry that these follow, an append's that began before. Where it is not the last one, they are refused.
    ///   - onItsWay: called once at most, in this thread: the next append may begin. When it was not called, it may on return.
    func append(_ entries: [EncodedEntry], behind logID: Int64?, onItsWay: () -> Void) throws -> Int64
    /// Why appends are refused until `reopen` succeeds; nil when they are not.
    var failure: String? { get }
    /// Opens what lies beneath anew after a failure: `read` and `lastLogID` then tell what is durable, and appends are possible
    /// again. Blocking. - Throws: why that is not possible yet.
    func reopen() throws
    /// Hands out every entry with a log id ≥ `start`, in order. Throws `JournalError` at the first that is corrupt, unknown
    /// or out of order or was truncated, and what `body` throws.
    func read(from start: Int64, _ body: (_ logID: Int64, _ entry: JournalEntry) throws -> Void) throws
    /// Forgets entries with a log id ≤ `end`: an image covers them.
    func truncate(upTo end: Int64) throws
    /// The log id of the last entry; 0 when nothing was ever appended.
    var lastLogID: Int64 { get throws }
    /// Up to where entries were forgotten; 0: none was.
    var truncatedLogID: Int64 { get throws }
    /// Hands out every record with a log id ≥ `start` as it lies there, whole or not, until `body` returns false. Stops at
    /// nothing but what the store throws.
    func records(from start: Int64, _ body: (JournalRow) throws -> Bool) throws
    /// Bytes of the entries that were read or appended since this journal was opened: how it grows.
    var volumeBytes: Int64 { get }
}

extension Journal {
    /// One after the other.
    public func append(_ entries: [EncodedEntry], behind logID: Int64?, onItsWay: () -> Void) throws -> Int64 {
        if let logID {
            let last: Int64
            do {
                last = try lastLogID
            } catch {
                throw JournalAppendError.refused(reason: "\(error)")
            }
            guard last == logID else {
                throw JournalAppendError.refused(
                    reason: "entry \(logID), which it follows, is not the last one: that is \(last)")
            }
        }
        return try append(entries)
    }
}

/// An append failed.
public enum JournalAppendError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing of it is there, nor ever will be.
    case refused(reason: String)
    /// It may be there, whole. Only `Journal.reopen` and reading tell.
    case outcomeUnknown(reason: String)

    public var description: String {
        switch self {
        case .refused(let reason): "nothing was appended to the edit log: \(reason)"
        case .outcomeUnknown(let reason): "whether the edit log took an entry is not known: \(reason)"
        }
    }
}

/// What is wrong with the edit log. `logID` tells which record; a person restores it, or starts a build that knows it.
public enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A record ends early or its checksum does not fit.
    case corrupt(logID: Int64, reason: String)
    case unknownOperation(logID: Int64, code: Int16)
    case newerFormat(logID: Int64, operation: OperationCode, found: UInt16, supported: UInt16)
    /// Entries between the two are not there.
    case gap(expected: Int64, found: Int64)
    /// Entries from `expected` on are needed, those up to `truncated` were forgotten because an image covered them.
    case truncated(expected: Int64, truncated: Int64)
    /// What is known, from an image or by following, is more than the journal ever held.
    case behindImage(last: Int64, image: Int64)
    /// Where the journal lay is that of another cluster.
    case otherCluster(found: Int32, own: Int32)

    public var description: String {
        switch self {
        case .corrupt(let logID, let reason):
            "edit log entry \(logID) is corrupt: \(reason); \(Self.wayOut(logID))"
        case .unknownOperation(let logID, let code):
            "edit log entry \(logID) has the unknown op \(code): it was written by a newer build, start that one"
        case .newerFormat(let logID, let operation, let found, let supported):
            "edit log entry \(logID), \(operation), has format \(found), this build reads up to \(supported): start a newer build"
        case .gap(let expected, let found):
            "edit log entry \(expected) is missing, the next one is \(found); \(Self.wayOut(expected))"
        case .truncated(let expected, let truncated):
            """
            edit log entry \(expected) is needed, but those up to \(truncated) were dropped since a newer image covered \
            them; restore image/ from a copy
            """
        case .behindImage(let last, let image):
            """
            this frontend knows what was done up to edit log entry \(image), and the edit log ends at \(last): the two do not \
            belong together; restore image/ and journal/ of meta_dir from one copy, or with journal_type = etcd a snapshot of etcd \
            that is no older than image/
            """
        case .otherCluster(let found, let own):
            """
            where the edit log of cluster \(own) lay there is that of cluster \(found) now: see who else uses this etcd_prefix, or \
            restore etcd's snapshot
            """
        }
    }

    /// What a person does about an entry that can't be replayed.
    private static func wayOut(_ logID: Int64) -> String {
        """
        restore meta_dir from a copy; without one, `tabletctl meta verify --meta-dir DIR` says what else is wrong, \
        `tabletctl meta skip \(logID)` gives up that entry and `tabletctl meta truncate-after \(logID - 1)` it and all behind
        """
    }
}
