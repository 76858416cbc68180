import Foundation
import ServerFixtures
import Synchronization
import TabletModel

/// Real backends under a fake FE, and files for their PUSH tasks.
final class DrivenBackends: Sendable {
    let folder: TemporaryFolder
    let frontend: FakeFrontend
    let backends: [BackendProcess]
    let files: FaultyHTTPServer
    private let answers: AnswerTable

    static let schemaHash: SchemaHash = 4711

    private init(_ count: Int, settings: [String: String]) throws {
        folder = try TemporaryFolder()
        frontend = try FakeFrontend()
        backends = try (1...count).map { [folder] in
            try BackendProcess("be\($0)", in: folder.path, settings: settings)
        }
        let answers = AnswerTable()
        files = try FaultyHTTPServer { answers[$0.path] }
        self.answers = answers
    }

    /// Runs `body` with backends that have had a heartbeat; ends every process after it, whatever happened.
    static func run(
        _ count: Int = 1, settings: [String: String] = [:], _ body: (DrivenBackends) throws -> Void
    ) throws {
        let driven = try DrivenBackends(count, settings: settings)
        defer {
            for backend in driven.backends { backend.daemon.kill() }
            driven.files.stop()
            driven.frontend.stop()
        }
        do {
            for backend in driven.backends {
                try backend.start()
                try driven.frontend.heartbeat(backend)
            }
            try body(driven)
        } catch {
            print(driven.backends.map { $0.daemon.tail() }.joined())
            throw error
        }
    }

    var backend: BackendProcess { backends[0] }

    /// SIGKILL, a new life, and the heartbeat that lets it work again.
    func killAndRestart(_ backend: BackendProcess) throws {
        try backend.restart()
        try frontend.heartbeat(backend)
    }

    // MARK: Tasks that every story needs

    func serve(_ path: String, _ answer: FaultyAnswer) { answers[path] = answer }
    func serve(_ path: String, rows: String) { answers[path] = .respond(status: 200, body: Array(rows.utf8)) }

    func creation(_ tablet: TabletID, replica: ReplicaID = 1, hash: SchemaHash = schemaHash) -> AgentTask.Payload {
        .create(
            CreateTabletRequest(
                tabletID: tablet,
                schema: TabletSchema(
                    schemaHash: hash,
                    columns: [.init(name: "key", type: .varchar, isKey: true, isNullable: false)]),
                tableID: 1, partitionID: 5, replicaID: replica))
    }

    func push(_ tablet: TabletID, _ transaction: TransactionID, path: String, sizeBytes: Int64?) -> AgentTask.Payload {
        .push(
            PushRequest(
                tabletID: tablet, schemaHash: Self.schemaHash, timeoutSeconds: 20, url: files.endpoint + path,
                sizeBytes: sizeBytes, transactionID: transaction, partitionID: 5))
    }

    func publish(_ transaction: TransactionID, as version: Version) -> AgentTask.Payload {
        .publishVersion(
            PublishVersionRequest(
                transactionID: transaction, partitions: [.init(partitionID: 5, version: version)]))
    }

    /// Creates the tablet on every backend, replica 1, 2, …
    func create(_ tablet: TabletID) throws {
        for (index, backend) in backends.enumerated() {
            let ended = try frontend.run(.create, creation(tablet, replica: ReplicaID(Int64(index + 1))), on: backend)
            guard ended.status.isOK else { throw FixtureError("CREATE: \(ended.status)") }
        }
    }

    /// Pushes the rows and publishes them, on every backend.
    func load(_ rows: String, into tablet: TabletID, _ transaction: TransactionID, as version: Version) throws {
        let path = "/rows/\(transaction)"
        serve(path, rows: rows)
        for backend in backends {
            let pushed = try frontend.run(
                .realtimePush, push(tablet, transaction, path: path, sizeBytes: Int64(rows.utf8.count)), on: backend)
            guard pushed.status.isOK else { throw FixtureError("PUSH: \(pushed.status)") }
            let published = try frontend.run(.publishVersion, publish(transaction, as: version), on: backend)
            guard published.status.isOK else { throw FixtureError("PUBLISH: \(published.status)") }
        }
    }

    /// Gives the tablet a storage policy over the server, and every backend the policy.
    func attachPolicy(to tablet: TabletID, _ resource: S3Resource, checksum: String = "1") throws {
        try attachPolicy(to: tablet, resource, checksum: checksum, on: backends)
    }

    func attachPolicy(
        to tablet: TabletID, _ resource: S3Resource, checksum: String = "1", on some: [BackendProcess]
    ) throws {
        for backend in some {
            let update = TabletMetaUpdate(tabletID: tablet, metaType: 1, storagePolicy: "cold")
            try frontend.run(.updateTabletMetaInfo, .updateTabletMeta([update]), on: backend)
            try notePolicy(resource, checksum: checksum, on: backend)
        }
    }

    /// The backend knows the policy, whoever has it.
    func notePolicy(_ resource: S3Resource, checksum: String = "1", on backend: BackendProcess) throws {
        let policy = StoragePolicyEntry(
            name: "cold", cooldownTTLSeconds: 0, resource: resource, checksum: checksum)
        frontend.setPolicies([policy])
        try frontend.run(.notifyUpdateStoragePolicy, .storagePolicy(policy), on: backend)
    }

    @discardableResult
    func appoint(
        _ replica: ReplicaID, of tablet: TabletID, term: Int64, on backend: BackendProcess
    ) throws -> RPCStatus {
        try frontend.run(
            .pushCooldownConf,
            .cooldownConfs([CooldownConf(tabletID: tablet, cooldownReplicaID: replica, term: term)]), on: backend
        ).status
    }
}

private final class AnswerTable: Sendable {
    private let answers = Mutex<[String: FaultyAnswer]>([:])
    subscript(path: String) -> FaultyAnswer {
        get { answers.withLock { $0[path] } ?? .respond(status: 404) }
        set { answers.withLock { $0[path] = newValue } }
    }
}

extension RcloneS3Server {
    func resource(bucket: String = "bucket", secret: String? = nil) -> S3Resource {
        S3Resource(
            endpoint: endpoint, accessKey: accessKey, secretKey: secret ?? secretKey, bucket: bucket, rootPath: "it",
            requestTimeoutMs: 1000, connectTimeoutMs: 500)
    }
}
