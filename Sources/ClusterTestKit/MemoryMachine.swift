public import Platform

/// What one simulated machine keeps when it goes down: its disk and the key-value stores on it.
public final class MemoryMachine: Sendable {
    public let fileSystem: MemoryFileSystem
    public let keyValueStores: MemoryKeyValueStoreOpener

    public init(capacityBytes: Int64 = 1 << 40, time: (any TimeSource)? = nil) {
        fileSystem = MemoryFileSystem(capacityBytes: capacityBytes, time: time)
        keyValueStores = MemoryKeyValueStoreOpener()
    }

    /// Power loss: see `MemoryFileSystem.crash` and `MemoryKeyValueStoreOpener.crash`.
    public func crash(_ loss: CrashLoss = .everything) {
        fileSystem.crash(loss)
        keyValueStores.crash(loss)
    }
}
