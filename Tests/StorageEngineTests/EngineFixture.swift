import Checksums
import ClusterTestKit
import Logging
import Platform
import StorageEngine
import TabletModel

/// One backend's machine in memory, and engines that start on it.
final class EngineFixture {
    let time = ManualScheduler()
    let machine: MemoryMachine
    let plan: FaultPlan
    /// Comes between two operations of disk and meta store.
    let interruption = Interruption()
    let fetcher = MemoryHTTPFetcher(pieceBytes: 7)
    let random = SeededRandom(seed: 42)
    let specs: [DataDirSpec]
    var options: EngineOptions
    /// nil: those of the machine, as planned.
    var stores: (any KeyValueStoreOpener)?

    init(dirs: [DataDirSpec] = [DataDirSpec(path: "/be/d1")], options: EngineOptions = .small) throws {
        machine = MemoryMachine(time: time)
        plan = FaultPlan(counts: { [interruption] operation in
            interruption.look(operation)
            return operation.isChange
        })
        specs = dirs
        self.options = options
        for dir in dirs {
            try machine.fileSystem.createDirectory(dir.path)
            var path = dir.path
            while path != "/" {
                path = parentDirectory(of: path)
                try machine.fileSystem.syncDirectory(path)
            }
        }
    }

    var environment: EngineEnvironment {
        EngineEnvironment(
            fileSystem: FaultyFileSystem(machine.fileSystem, plan: plan),
            keyValueStores: stores ?? FaultyKeyValueStoreOpener(machine.keyValueStores, plan: plan),
            compressor: NoCompression(), fetcher: fetcher, time: time, random: random,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func open() throws -> StorageEngine { try StorageEngine.open(specs, options: options, environment: environment) }

    /// Opened and loaded.
    func start() throws -> StorageEngine {
        let engine = try open()
        try engine.loadAllTablets()
        return engine
    }

    /// Puts the rows on the simulated HTTP server, one a line.
    func serve(_ url: String, _ rows: [String]) -> Int64 {
        let body = Array(rows.map { $0 + "\n" }.joined().utf8)
        fetcher.set(url, .body(body))
        return Int64(body.count)
    }

    /// Paths of all segment files under `data/`.
    var segmentFiles: [String] {
        machine.fileSystem.allFiles().map(\.path).filter { $0.contains("/data/") && $0.hasSuffix(".dat") }
    }
}

extension EngineOptions {
    /// Small blocks and segments, so that a few rows make several of each.
    static var small: EngineOptions {
        var options = EngineOptions()
        options.targetBlockBytes = 64
        options.maxSegmentBytes = 400
        options.maxRowBytes = 1000
        options.floodStageLeftBytes = 0
        return options
    }
}

extension CreateTabletRequest {
    static func sample(
        _ id: TabletID, schemaHash: SchemaHash = 7, partition: PartitionID = 20, replica: ReplicaID = 500,
        medium: StorageMedium? = nil, policy: String = ""
    ) -> CreateTabletRequest {
        CreateTabletRequest(
            tabletID: id,
            schema: TabletSchema(
                schemaHash: schemaHash,
                columns: [
                    .init(name: "k1", type: .varchar, isKey: true, isNullable: false, uniqueID: 0),
                    .init(name: "n", type: .int, isKey: false, isNullable: true, uniqueID: 1),
                    .init(name: "text", type: .varchar, isKey: false, isNullable: true, uniqueID: 2),
                ], delimiter: UInt8(ascii: ",")),
            medium: medium, tableID: 10, partitionID: partition, replicaID: replica, storagePolicy: policy)
    }
}

extension PushRequest {
    static func sample(
        _ id: TabletID, transaction: TransactionID, url: String, size: Int64? = nil, partition: PartitionID = 20
    ) -> PushRequest {
        PushRequest(
            tabletID: id, schemaHash: 7, url: url, sizeBytes: size, transactionID: transaction, partitionID: partition)
    }
}

extension PushRequest {
    static func delete(
        _ id: TabletID, transaction: TransactionID?, _ conditions: DeleteCondition..., partition: PartitionID = 20
    ) -> PushRequest {
        PushRequest(
            tabletID: id, schemaHash: 7, pushType: .delete, transactionID: transaction, partitionID: partition,
            deleteConditions: conditions)
    }
}

extension DeleteCondition {
    init(_ column: String, _ operation: String, _ values: String...) {
        self.init(column: column, operation: operation, values: values)
    }
}

extension PublishVersionRequest {
    static func sample(
        _ transaction: TransactionID, _ version: Version, partition: PartitionID = 20, strict: Bool = false
    ) -> PublishVersionRequest {
        PublishVersionRequest(
            transactionID: transaction, partitions: [.init(partitionID: partition, version: version)],
            strictMode: strict)
    }
}

/// All rows of a tablet, in the order of the scan.
func readRows(_ engine: StorageEngine, _ id: TabletID, version: Version? = nil) throws -> [String] {
    let scan = try engine.openScan(id, version: version)
    var rows: [String] = []
    while let block = try scan.next() { block.forEachRow { rows.append(String(decoding: $0, as: UTF8.self)) } }
    return rows
}

/// Rows of a readable length, all different.
func sampleRows(_ count: Int, _ name: String = "row") -> [String] { (0..<count).map { "\(name),\($0),some text" } }
