internal import CThrift
public import Platform
internal import ReportCodec
public import TabletModel

/// A backend's lines to frontends.
public struct ThriftMasterConnector: MasterConnector {
    private let settings: ClientSettings
    private let tls: ThriftTLS?

    /// Nothing is connected until the first call.
    public init(settings: ClientSettings = .masterDefault, tls: ThriftTLS? = nil) {
        self.settings = settings
        self.tls = tls
    }

    public func connection(to address: NetworkAddress) -> any MasterConnection {
        ThriftMasterConnection(channel: ClientChannel(address, settings, tls))
    }
}

struct ThriftMasterConnection: MasterConnection {
    let channel: ClientChannel

    func finishTask(_ request: FinishTaskRequest) throws -> RPCStatus {
        var result = wire.TMasterResult()
        let message = try request.wireValue()
        try channel.call("finishTask") { wire.callFinishTask($0, message, &result) }
        return RPCStatus(result.status)
    }

    /// So many requests are on their way at once, at most: their answers fit into the sockets' buffers.
    private static let pipeline = 64

    func finishTasks(_ requests: [FinishTaskRequest]) -> [Result<RPCStatus, any Error>] {
        var answers: [Result<RPCStatus, any Error>] = []
        var rest = requests[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.pipeline)
            rest = rest.dropFirst(part.count)
            guard finish(part, &answers) else { break }
        }
        return answers
    }

    /// - Returns: each was answered, or can't be written.
    private func finish(
        _ requests: ArraySlice<FinishTaskRequest>, _ answers: inout [Result<RPCStatus, any Error>]
    ) -> Bool {
        var messages = wire.FinishTaskList()
        var unwritten: [Int: any Error] = [:]
        for (place, request) in requests.enumerated() {
            do {
                messages.push_back(try request.wireValue())
            } catch {
                unwritten[place] = error
            }
        }
        var results = wire.MasterResultList()
        var failure: RPCError?
        do {
            try channel.call("finishTask") { wire.callFinishTasks($0, messages, &results) }
        } catch {
            failure = error
        }
        var next = 0
        for place in 0..<requests.count {
            if let error = unwritten[place] {
                answers.append(.failure(error))
            } else if next < results.size() {
                answers.append(.success(RPCStatus(results[next].status)))
                next += 1
            } else {
                if let failure { answers.append(.failure(failure)) }
                return false
            }
        }
        return true
    }

    func refreshStoragePolicies(in dialect: WireDialect) throws -> (status: RPCStatus, rules: StorageRules) {
        var result = wire.TGetStoragePolicyResult()
        let isTabletd = dialect.has(.ownStorageMembers)
        try channel.call("refreshStoragePolicy") { wire.callRefreshStoragePolicy($0, isTabletd, &result) }
        let status = result.__isset.status ? RPCStatus(result.status) : .ok
        return (status, StorageRules(result))
    }

    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) throws -> [TabletID] {
        var request = wire.TConfirmUnusedRemoteFilesRequest()
        request.__isset.confirm_list = true
        for tablet in tablets { request.confirm_list.push_back(tablet.wireValue) }
        var result = wire.TConfirmUnusedRemoteFilesResult()
        try channel.call("confirmUnusedRemoteFiles") { wire.callConfirmUnusedRemoteFiles($0, request, &result) }
        return identifiers(result.confirmed_tablets)
    }

    func snapshotLoaderReport(_ progress: LoaderProgress) throws -> RPCStatus {
        var result = wire.TStatus()
        let request = progress.wireValue
        try channel.call("snapshotLoaderReport") { wire.callSnapshotLoaderReport($0, request, &result) }
        return RPCStatus(result)
    }

    func abandon() { channel.abandonCalls() }

    /// Writes the report straight from its source to the socket, a buffer at a time. When a kept connection turns out
    /// to be closed, the report is written once more on a new one.
    func report(_ report: OutgoingReport) throws -> RPCStatus {
        do {
            return try send(report, fresh: false)
        } catch is StaleConnection {
            return try send(report, fresh: true)
        }
    }

    private struct StaleConnection: Error {}
    private struct WriteFailed: Error {}

    private func send(_ report: OutgoingReport, fresh: Bool) throws -> RPCStatus {
        var call: OpaquePointer?
        try channel.call("report") { handle in
            var outcome = wire.CallOutcome()
            call = wire.beginReport(handle, fresh, &outcome)
            return outcome
        }
        guard let call else {
            throw RPCError(
                .other, method: "report", peer: channel.address, message: "out of memory", mayHaveRun: false)
        }
        defer { wire.freeReportCall(call) }
        var encoder = ReportEncoder()
        do {
            try encoder.encode(report) { bytes in
                guard wire.writeReport(call, bytes.baseAddress, bytes.count) else { throw WriteFailed() }
            }
        } catch is WriteFailed {
            // `finishReport` tells what went wrong.
        }
        var result = wire.TMasterResult()
        let outcome = wire.finishReport(call, &result)
        guard outcome.code == wire.callOK else {
            if !fresh && wire.reportFoundClosedConnection(call) { throw StaleConnection() }
            throw channel.error("report", outcome)
        }
        return RPCStatus(result.status)
    }
}
