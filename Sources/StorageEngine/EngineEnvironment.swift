public import Logging
public import Platform

/// The seams an engine works through.
public struct EngineEnvironment: Sendable {
    public var fileSystem: any FileSystem
    public var keyValueStores: any KeyValueStoreOpener
    /// Compresses new blocks.
    public var compressor: any BlockCompressor
    /// Further formats that blocks to read may be in; `compressor` need not be repeated.
    public var otherCompressors: [any BlockCompressor]
    /// Gets the files of PUSH tasks.
    public var fetcher: any HTTPFetcher
    public var time: any TimeSource
    public var random: any RandomSource
    public var logger: Logger
    /// Runs a job that divides its work by itself on several threads at once, and returns when all have ended. One will do.
    public var concurrently: @Sendable (_ job: @escaping @Sendable () -> Void) -> Void = { $0() }

    public init(
        fileSystem: any FileSystem, keyValueStores: any KeyValueStoreOpener, compressor: any BlockCompressor,
        otherCompressors: [any BlockCompressor] = [NoCompression()], fetcher: any HTTPFetcher, time: any TimeSource,
        random: any RandomSource, logger: Logger
    ) {
        self.fileSystem = fileSystem
        self.keyValueStores = keyValueStores
        self.compressor = compressor
        self.otherCompressors = otherCompressors
        self.fetcher = fetcher
        self.time = time
        self.random = random
        self.logger = logger
    }

    /// The compressor that reads blocks of this format; nil when there is none.
    func compressor(for code: UInt8) -> (any BlockCompressor)? {
        if compressor.formatCode == code { return compressor }
        return otherCompressors.first { $0.formatCode == code }
    }
}
