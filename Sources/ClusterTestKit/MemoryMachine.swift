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

    /// Everything that a crash would leave now. Can be put back into this machine or another, as often as wanted.
    public func copy() -> MemoryMachineCopy {
        MemoryMachineCopy(disk: fileSystem.durableCopy(), stores: keyValueStores.durableCopy())
    }

    /// The machine comes up with another disk, that of an earlier day say. Open files and stores are refused from now on, as
    /// after a crash.
    public func restore(_ copy: MemoryMachineCopy) {
        fileSystem.restore(copy.disk)
        keyValueStores.restore(copy.stores)
    }

    /// The machine comes up with a new, empty disk.
    public func wipe() { restore(MemoryMachineCopy(disk: MemoryDiskCopy(), stores: MemoryStoresCopy())) }
}

/// The state of a `MemoryMachine` at one moment.
public struct MemoryMachineCopy: Sendable {
    let disk: MemoryDiskCopy
    let stores: MemoryStoresCopy
}
