internal import LocalFileSystem
internal import Logging
internal import Platform
internal import RocksDBStore
internal import StorageEngine
internal import TabletModel
internal import ThreadRuntime

/// A backend's engine over real files and meta stores, which takes rows however full the disk is.
/// - Parameters:
///   - dirs: data dirs, made when they are not there.
///   - fetcher: what the files of a PUSH come from.
func openBenchEngine(
    _ dirs: [String], fetcher: any HTTPFetcher, compressor: any BlockCompressor = NoCompression(),
    options: EngineOptions = EngineOptions()
) throws -> StorageEngine {
    for dir in dirs { try LocalFileSystem().createDirectory(dir) }
    var options = options
    options.floodStageLeftBytes = 0
    options.floodStageUsagePercent = 100
    let engine = try StorageEngine.open(
        dirs.map { DataDirSpec(path: $0) }, options: options,
        environment: EngineEnvironment(
            fileSystem: LocalFileSystem(),
            keyValueStores: RocksDBStoreOpener(cacheBytes: 8 << 20, memtableBytes: 8 << 20),
            compressor: compressor, fetcher: fetcher, time: ThreadScheduler { _ in }, random: SystemRandomSource(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }))
    try engine.loadAllTablets()
    return engine
}

/// The tablet that is moved, cloned or backed up: opaque rows.
func benchTablet(_ id: TabletID, version: Version = .initial) -> CreateTabletRequest {
    CreateTabletRequest(
        tabletID: id, schema: TabletSchema(schemaHash: 7, columns: []), version: version, partitionID: 3, replicaID: 10)
}

extension StorageEngine {
    /// Makes the tablet with so many rowsets, each of what the fetcher has.
    func makeBenchTablet(_ id: TabletID, rowsets: Int) throws {
        _ = try createTablet(benchTablet(id))
        for number in 1...Int64(rowsets) {
            let transaction = TransactionID(number)
            _ = try push(
                PushRequest(
                    tabletID: id, schemaHash: 7, url: "rows:\(number)", transactionID: transaction, partitionID: 3))
            let result = try publish(
                PublishVersionRequest(
                    transactionID: transaction, partitions: [.init(partitionID: 3, version: Version(number + 1))]))
            if let failure = result.failures.first { throw failure.error }
        }
    }
}
