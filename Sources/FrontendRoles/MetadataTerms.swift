public import ClusterMetadata
public import FrontendElection
public import Logging
internal import Synchronization

/// An edit log that one FE writes at a time: the one whose fence it was given last.
public protocol TermLog: Journal {
    /// From now on appends are this FE's, under the fence, and nobody's under an older one.
    /// - Returns: the log id of the last entry.
    func begin(_ fence: Fence) throws -> Int64
    /// Appends of this FE are refused from now on.
    func endTerm()
}

/// What a master does besides its metadata, for one term.
public protocol TermMaster: Sendable {
    func start()
    /// On return nothing of it runs any more. Blocking.
    func stop()
}

/// The metadata's side of a term: all is replayed before it begins, its epoch is its first entry, and behind its end this FE
/// follows again.
public final class MetadataTerms: TermKeeper {
    /// Entries that are made visible together.
    private static let batch = 1000

    private let store: MetadataStore
    private let log: any TermLog
    private let makeMaster: @Sendable (_ epoch: Int64) throws -> any TermMaster
    private let logger: Logger
    private let checkLog: @Sendable () throws -> Void
    private let master = Mutex<(any TermMaster)?>(nil)

    /// - Parameters:
    ///   - checkLog: throws when the log is not this cluster's: then no term begins.
    ///   - makeMaster: called with the epoch of the term, which is durable; what it makes is started and stopped once.
    public init(
        store: MetadataStore, log: any TermLog, logger: Logger, checkLog: @escaping @Sendable () throws -> Void = {},
        makeMaster: @escaping @Sendable (_ epoch: Int64) throws -> any TermMaster
    ) {
        self.store = store
        self.log = log
        self.logger = logger
        self.checkLog = checkLog
        self.makeMaster = makeMaster
    }

    public func replay(_ fence: Fence) throws -> (replayed: Int64, logEnd: Int64) {
        try checkLog()
        let end = try log.begin(fence)
        guard end >= store.lastLogID else { throw JournalError.behindImage(last: end, image: store.lastLogID) }
        var first = store.lastLogID + 1
        var waiting: [JournalEntry] = []
        func takeOver() throws {
            try store.replay(waiting, from: first)
            first += Int64(waiting.count)
            waiting.removeAll(keepingCapacity: true)
        }
        try log.read(from: first) { _, entry in
            waiting.append(entry)
            if waiting.count == Self.batch { try takeOver() }
        }
        try takeOver()
        return (store.lastLogID, end)
    }

    public func promote(_ fence: Fence) throws {
        try store.lead()
        let epoch = try store.beginEpoch()
        let made = try makeMaster(epoch)
        master.withLock { $0 = made }
        logger.notice("this FE is the master", metadata: ["epoch": "\(epoch)", "log_id": "\(store.lastLogID)"])
    }

    public func act(_ fence: Fence) { master.withLock { $0 }?.start() }

    public func stop(_ fence: Fence) {
        // Before what takes its time: nothing is written any more.
        log.endTerm()
        store.follow()
        let ended = master.withLock { master in
            defer { master = nil }
            return master
        }
        ended?.stop()
        logger.notice("this FE has stopped being the master", metadata: ["log_id": "\(store.lastLogID)"])
    }
}
