import AccessControl
import ClusterMetadata
import ClusterTestKit
import Logging
import MasterServices
import Platform
import SQLSessions
import Synchronization
import TabletModel
import Testing

@testable import MasterCore
@testable import SQLExecution

/// A master over memory with backends that do what they are told, in one thread, and an executor over it. Time passes while a
/// statement waits.
final class SQLTestCluster {
    let scheduler = ManualScheduler()
    let backends: [AnsweringBackend]
    let master: Master
    let access = TestAccess()
    let shards = TestShards()
    let settings = TestSettings()
    let rows = TestRows()
    let executor: SQLExecutor
    /// Set: this FE follows, and sends statements here.
    let line: Line

    final class Line: Sendable {
        let forward = Mutex<MasterForward?>(nil)
    }

    private struct Connector: BackendConnector {
        let backends: [AnsweringBackend]
        func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection {
            backends.first { $0.address == heartbeat } ?? Nobody(address: heartbeat)
        }
    }

    private struct Nobody: BackendConnection {
        let address: NetworkAddress
        private var refused: RPCError {
            RPCError(.connect, method: "any", peer: address, message: "refused", mayHaveRun: false)
        }
        func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply { throw refused }
        func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus { throw refused }
        func tabletStats() throws -> [TabletStat] { throw refused }
    }

    init(backends count: Int = 3, jobLimit: Duration = .seconds(60), logger sql: Logger? = nil) throws {
        let (scheduler, machine, random) = (scheduler, MemoryMachine(), SeededRandom(seed: 7))
        let backends = (0..<count).map { AnsweringBackend(host: "10.0.0.\($0 + 1)", scheduler: scheduler) }
        self.backends = backends
        let node = scheduler.makeNode("fe")
        let logger = Logger(label: "fe") { _ in SwiftLogNoOpLogHandler() }
        let configuration = MasterConfiguration(
            host: "10.0.0.100", httpPort: 8030, rpcPort: 9020, version: "tabletd-fe-test", spoolDirectory: "/fe/spool")
        let store = try MetadataStore.open(
            folder: "/fe/image", files: machine.fileSystem,
            journal: KeyValueJournal(try ReopeningStore(machine.keyValueStores, path: "/fe/journal")), nodeName: "fe1",
            random: random,
            time: node, gates: DispatchGates(), elementsPerRecord: configuration.tabletsPerRecord, logger: logger)
        let heartbeat = HeartbeatConfiguration(
            master: NetworkAddress(host: configuration.host, port: configuration.rpcPort),
            httpPort: configuration.httpPort, reportTimeout: .seconds(1_000_000))
        let master = Master(
            configuration: configuration, heartbeat: heartbeat, store: store, epoch: try store.beginEpoch(),
            connector: Connector(backends: backends), stores: MemoryObjectStoreProvider(),
            fileSystem: machine.fileSystem, scheduler: node, random: random, logger: logger)
        self.master = master
        let line = Line()
        self.line = line
        executor = SQLExecutor(
            SQLEnvironment(
                control: { master }, forward: { line.forward.withLock { $0 } }, access: access, users: access,
                shards: shards, settings: settings, rows: rows, time: node,
                pause: { duration in
                    do { try scheduler.advance(by: duration) } catch { Issue.record("\(error)") }
                }, version: "tabletd-test", jobLimit: jobLimit, logger: sql ?? logger))
        for backend in backends { backend.state.withLock { $0.master = master } }
        master.start()
    }

    /// With its backends and a database `db`.
    func ready() throws -> SQLTestCluster {
        for backend in backends { _ = try master.addBackend(backend.address) }
        try scheduler.runUntilIdle()
        _ = try master.createDatabase("db")
        return self
    }

    /// Somebody with all rights, or with those that a test gave.
    func session(_ user: String = "root", database: String? = "db", connection: UInt32 = 1) throws -> any SQLSession {
        try executor.logIn(
            SQLLogin(
                user: user, proof: .none, host: "127.0.0.1", database: database, isEncrypted: false,
                connection: connection))
    }
}

extension SQLSession {
    func run(_ text: String) throws -> SQLReply { try run(Array(text.utf8)) }

    /// The rows of an answer, a dictionary each.
    func rows(_ text: String) throws -> [[String: String]] {
        guard case .rows(let columns, let rows) = try run(text) else {
            Issue.record("no rows: \(text)")
            return []
        }
        var writer = SQLRowWriter()
        while try rows.next(into: &writer) {}
        return writer.decoded(columns.count).map { values in
            Dictionary(uniqueKeysWithValues: zip(columns.map(\.name), values.map { $0 ?? "NULL" }))
        }
    }

    func columns(_ text: String) throws -> [String] {
        guard case .rows(let columns, _) = try run(text) else { return [] }
        return columns.map(\.name)
    }

    func error(_ text: String) throws -> SQLError {
        try #require(throws: SQLError.self, "\(text)") { try run(text) }
    }
}

extension SQLRowWriter {
    /// Values of less than 251 bytes and those with two bytes of length.
    func decoded(_ columns: Int) -> [[String?]] {
        var (place, rows) = (0, [[String?]]())
        while place < bytes.count {
            var row: [String?] = []
            for _ in 0..<columns {
                var length = Int(bytes[place])
                place += 1
                if length == 0xfb {
                    row.append(nil)
                    continue
                }
                if length == 0xfc {
                    length = Int(bytes[place]) | Int(bytes[place + 1]) << 8
                    place += 2
                }
                row.append(String(decoding: bytes[place..<(place + length)], as: UTF8.self))
                place += length
            }
            rows.append(row)
        }
        return rows
    }
}
