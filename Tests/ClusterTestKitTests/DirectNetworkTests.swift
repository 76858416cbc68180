import ClusterTestKit
import Platform
import ReportCodec
import Synchronization
import TabletModel
import Testing

private let master = NetworkAddress(host: "fe", port: 9020)
private let backend = BackendAddress(host: "be1", bePort: 9060, httpPort: 8040)

struct DirectNetworkTests {
    @Test func aReportArrivesAsItWasSent() throws {
        let network = DirectNetwork()
        let handler = RecordingFrontend()
        network.listen(frontend: master, handler)
        let connection = network.masterConnector(from: "be1").connection(to: master)
        var row = TabletReportRow(tabletID: 10, schemaHash: 5, version: 7)
        row.cooldownReplicaID = 3
        row.cooldownMetaID = UniqueID(high: 1, low: 2)
        let report = OutgoingReport(
            backend: backend, reportVersion: 9, body: .tablets(ArrayReportSource([row]), maxCompactionScore: 4))
        #expect(try connection.report(report).isOK)
        let received = try #require(handler.reports.first)
        #expect(received.backend == backend && received.reportVersion == 9 && received.maxCompactionScore == 4)
        var rows: [TabletReportRow] = []
        try received.tablets?.forEachRow { rows.append($0) }
        #expect(rows == [row])
    }

    @Test func aCallMayTakeTimeAndComeToNothing() throws {
        let network = DirectNetwork()
        let handler = RecordingFrontend()
        network.listen(frontend: master, handler)
        let request = FinishTaskRequest(backend: backend, type: .create, signature: 1, status: .ok)
        let callers = Mutex<[String]>([])
        network.letCallsTravel { caller in
            callers.withLock { $0.append(caller) }
            return caller != "be1"
        }
        let error = #expect(throws: RPCError.self) {
            _ = try network.masterConnector(from: "be1").connection(to: master).finishTask(request)
        }
        #expect(error?.code == .timeout && handler.finished.isEmpty)
        _ = try network.masterConnector(from: "be2").connection(to: master).finishTask(request)
        #expect(handler.finished.count == 1 && callers.withLock { $0 } == ["be1", "be2"])
    }

    @Test func aCutAndAStoppedProcessTakeNoCall() throws {
        let network = DirectNetwork()
        let handler = RecordingFrontend()
        network.listen(frontend: master, handler)
        let request = FinishTaskRequest(backend: backend, type: .create, signature: 1, status: .ok)
        func finish(from caller: String) throws {
            _ = try network.masterConnector(from: caller).connection(to: master).finishTask(request)
        }
        network.cut("be1", from: master.host)
        #expect(throws: RPCError.self) { try finish(from: "be1") }
        try finish(from: "be2")
        network.cut("be1", from: master.host, false)
        network.silence(master.host)
        #expect(throws: RPCError.self) { try finish(from: "be1") }
        #expect(throws: RPCError.self) { try finish(from: "be2") }
        #expect(handler.finished.count == 1)
        network.silence(master.host, false)
        try finish(from: "be1")
        #expect(handler.finished.count == 2)
    }

    @Test(arguments: [
        (DirectNetwork.Link.refused, RPCError.Code.connect, 0), (.lostRequest, .timeout, 0), (.lostReply, .timeout, 1),
    ])
    func aBadLinkFailsAsItWould(_ link: DirectNetwork.Link, _ code: RPCError.Code, _ carriedOut: Int) throws {
        let network = DirectNetwork()
        let handler = RecordingFrontend()
        network.listen(frontend: master, handler)
        network.setLink(from: "be1", to: master, link)
        let request = FinishTaskRequest(backend: backend, type: .create, signature: 1, status: .ok)
        let error = #expect(throws: RPCError.self) {
            _ = try network.masterConnector(from: "be1").connection(to: master).finishTask(request)
        }
        #expect(error?.code == code)
        #expect(handler.finished.count == carriedOut)
        // Others are not touched, and the link heals.
        _ = try network.masterConnector(from: "be2").connection(to: master).finishTask(request)
        network.setLink(from: "be1", to: master, .up)
        _ = try network.masterConnector(from: "be1").connection(to: master).finishTask(request)
        #expect(handler.finished.count == carriedOut + 2)
    }

    @Test func aClosedPortRefuses() throws {
        let network = DirectNetwork()
        let connection = network.masterConnector(from: "be1").connection(to: master)
        let error = #expect(throws: RPCError.self) { _ = try connection.refreshStoragePolicies(in: .tabletd) }
        #expect(error?.code == .connect && error?.mayHaveRun == false)
        network.listen(frontend: master, RecordingFrontend())
        _ = try connection.refreshStoragePolicies(in: .tabletd)
        network.listen(frontend: master, nil)
        #expect(throws: RPCError.self) { _ = try connection.refreshStoragePolicies(in: .tabletd) }
    }

    @Test func aLossyLinkLosesTheSameCallsForTheSameSeed() {
        func run(_ seed: UInt64) -> [Bool] {
            let network = DirectNetwork(seed: seed)
            network.listen(frontend: master, RecordingFrontend())
            network.setLink(from: "be1", to: nil, .lossy(oneIn: 3))
            let connection = network.masterConnector(from: "be1").connection(to: master)
            return (0..<100).map { _ in
                do { return try connection.refreshStoragePolicies(in: .tabletd).status.isOK } catch { return false }
            }
        }
        #expect(run(1) == run(1))
        #expect(run(1) != run(2))
        let lost = run(1).filter { !$0 }.count
        #expect((15...55).contains(lost))
    }

    @Test func theFEsConnectionNeedsTheAgentPort() throws {
        let network = DirectNetwork()
        let address = NetworkAddress(host: "be1", port: 9050)
        let connection = network.backendConnector(from: "fe").connection(heartbeat: address, agent: nil)
        let error = #expect(throws: RPCError.self) { _ = try connection.submitTasks([]) }
        #expect(error?.mayHaveRun == false)
    }
}

private final class RecordingFrontend: FrontendHandler {
    private let received = Mutex<[IncomingReport]>([])
    private let ended = Mutex<[FinishTaskRequest]>([])
    var reports: [IncomingReport] { received.withLock { $0 } }
    var finished: [FinishTaskRequest] { ended.withLock { $0 } }

    func finishTask(_ request: FinishTaskRequest) -> RPCStatus {
        ended.withLock { $0.append(request) }
        return .ok
    }
    func report(_ report: IncomingReport) -> RPCStatus {
        received.withLock { $0.append(report) }
        return .ok
    }
    func tabletsArrive(from backend: BackendAddress) -> (any ArrivingTablets)? { nil }
    func ping(_ request: PingRequest) -> PingReply { PingReply(isOK: true, message: "") }
    func storageRules() -> (status: RPCStatus, rules: StorageRules) { (.ok, StorageRules()) }
    func confirmUnusedRemoteFiles(_ tablets: [TabletCooldownState]) -> [TabletID] { [] }
    func snapshotLoaderReport(_ progress: LoaderProgress) -> RPCStatus { .ok }
}

struct MemoryHTTPFetcherTests {
    @Test func bodiesComeInPieces() throws {
        let fetcher = MemoryHTTPFetcher(pieceBytes: 4)
        fetcher.set("http://fe/a", .body(Array("0123456789".utf8)))
        var pieces: [String] = []
        try fetcher.fetch("http://fe/a", range: nil, timeoutSeconds: 1) {
            pieces.append(String(decoding: $0, as: UTF8.self))
        }
        #expect(pieces == ["0123", "4567", "89"])
        pieces = []
        try fetcher.fetch("http://fe/a", range: 8..<10, timeoutSeconds: 1) {
            pieces.append(String(decoding: $0, as: UTF8.self))
        }
        #expect(pieces == ["89"])
    }

    @Test func failuresAreThoseOfARealServer() throws {
        let fetcher = MemoryHTTPFetcher()
        fetcher.set("cut", .truncated([1, 2, 3], after: 2))
        fetcher.set("down", .unreachable)
        var count = 0
        let cut = #expect(throws: HTTPFetchError.self) {
            try fetcher.fetch("cut", range: nil, timeoutSeconds: 1) { count += $0.count }
        }
        #expect(cut?.isRetryable == true && count == 2)
        let down = #expect(throws: HTTPFetchError.self) {
            try fetcher.fetch("down", range: nil, timeoutSeconds: 1) { _ in }
        }
        #expect(down?.httpStatus == 0)
        let missing = #expect(throws: HTTPFetchError.self) {
            try fetcher.fetch("x", range: nil, timeoutSeconds: 1) { _ in }
        }
        #expect(missing?.httpStatus == 404 && missing?.isRetryable == false)
    }
}
