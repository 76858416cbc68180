public import TabletModel

/// A backend's line to a master, in the master's words: what it does not know does not leave (`DialectTable`).
public struct SpokenMasterConnection: MasterConnection {
    private let base: any MasterConnection
    private let peer: NetworkAddress
    private let dialect: WireDialect
    private let onAnswer: @Sendable () -> Void

    /// - Parameter onAnswer: called after each call that the master answered; must not block.
    public init(
        _ base: any MasterConnection, to peer: NetworkAddress, in dialect: WireDialect,
        onAnswer: @escaping @Sendable () -> Void = {}
    ) {
        self.base = base
        self.peer = peer
        self.dialect = dialect
        self.onAnswer = onAnswer
    }

    /// - Throws: `UnspeakableTask` too: the master knows no task of this type.
    public func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
        guard let spoken = request.spoken(in: dialect) else {
            throw UnspeakableTask(type: request.type, dialect: dialect)
        }
        return try answered { try base.finishTask(spoken) }
    }

    public func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>] {
        let spoken = requests.map { $0.spoken(in: dialect) }
        var told = base.finishTasks(spoken.compactMap { $0 })[...]
        var answers: [Result<RPCStatus, any Error>] = []
        for (request, spoken) in zip(requests, spoken) {
            guard spoken != nil else {
                answers.append(.failure(UnspeakableTask(type: request.type, dialect: dialect)))
                continue
            }
            guard let answer = told.popFirst() else { break }
            if case .success = answer { onAnswer() }
            answers.append(answer)
        }
        return answers
    }

    public func report(_ report: OutgoingReport) throws -> RPCStatus {
        try answered { try base.report(report.spoken(in: dialect)) }
    }

    public func refreshStoragePolicies(in _: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
        try check(.refreshStoragePolicy)
        return try answered { try base.refreshStoragePolicies(in: dialect) }
    }

    public func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] {
        try check(.confirmUnusedRemoteFiles)
        return try answered { try base.confirmUnusedRemoteFiles(tablets) }
    }

    public func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus {
        try answered { try base.snapshotLoaderReport(progress) }
    }

    public func abandon() { base.abandon() }

    /// As if the master had said so itself.
    private func check(_ method: WireMethod) throws(RPCError) {
        guard !dialect.has(method) else { return }
        throw RPCError(
            .unknownMethod, method: method.rawValue, peer: peer,
            message: "an FE of Doris \(dialect) has no such method",
            mayHaveRun: false)
    }

    private func answered<Reply>(_ call: () throws -> Reply) throws -> Reply {
        let reply = try call()
        onAnswer()
        return reply
    }
}

/// The end of a task that the master can't have sent: it has no such type.
public struct UnspeakableTask: Error, Hashable, Sendable, CustomStringConvertible {
    public var type: TaskType
    public var dialect: WireDialect
    public var description: String { "an FE of Doris \(dialect) knows no task \(type)" }
}

/// The FE's line to a backend, in the backend's words.
public struct SpokenBackendConnection: BackendConnection {
    private let base: any BackendConnection
    private let dialect: WireDialect?

    /// - Parameter dialect: nil while it is not known who is there.
    public init(_ base: any BackendConnection, in dialect: WireDialect?) {
        self.base = base
        self.dialect = dialect
    }

    public func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        try base.heartbeat(master.spoken(in: dialect))
    }

    /// Tasks that the backend must not get stay here: INVALID_ARGUMENT says which and why. The others go.
    public func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        let dialect = dialect ?? .year2023
        let spoken = tasks.compactMap { $0.spoken(in: dialect) }
        let answer = spoken.isEmpty ? RPCStatus.ok : try base.submitTasks(spoken)
        guard spoken.count < tasks.count, answer.isOK else { return answer }
        let refusals = tasks.compactMap { task in
            task.refusal(in: dialect).map { "task \(task.type) (signature \(task.signature)) not sent: \($0)" }
        }
        return RPCStatus(.invalidArgument, Array(refusals.prefix(3)))
    }

    public func tabletStats() throws -> [TabletStat] { try base.tabletStats() }
}
