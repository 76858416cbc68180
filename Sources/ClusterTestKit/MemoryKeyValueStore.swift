public import Platform
internal import Synchronization

/// Key-value stores in memory, by path, that outlive their handles as files outlive a process. `crash` drops batches
/// that were not synced. One handle a path at a time, as RocksDB has it.
public final class MemoryKeyValueStoreOpener: KeyValueStoreOpener {
    private let disks = Mutex<[String: MemoryKeyValueDisk]>([:])

    public init() {}

    public func open(_ path: String) throws -> any KeyValueStore {
        let disk = disks.withLock { disks in
            if let known = disks[path] { return known }
            let made = MemoryKeyValueDisk()
            disks[path] = made
            return made
        }
        return try MemoryKeyValueStore(path: path, disk: disk)
    }

    public func openForReading(_ path: String) throws -> any KeyValueStore {
        guard let disk = disks.withLock({ $0[path] }) else {
            throw KeyValueStoreError(.io, path: path, message: "there is no such store")
        }
        return MemoryKeyValueStore(reading: path, disk: disk)
    }

    /// Every store loses its unsynced batches (a seeded loss keeps the first few of them, in write order); open handles
    /// throw from now on, and the stores can be opened again.
    public func crash(_ loss: CrashLoss = .everything) {
        let all = disks.withLock { disks in disks.sorted { $0.key < $1.key } }
        for (path, disk) in all {
            disk.state.withLock { state in
                switch loss {
                case .everything: state.undoUnsynced(keeping: 0)
                case .seeded(let seed):
                    let random = SeededRandom(seed: seed).fork("store \(path)")
                    state.undoUnsynced(keeping: Int(random.next(below: UInt64(state.unsynced.count) + 1)))
                }
                state.generation += 1
                state.isOpen = false
            }
        }
    }

    /// Paths of all stores, sorted.
    public var paths: [String] { disks.withLock { $0.keys.sorted() } }

    /// Every entry of a store in key order, without opening it.
    public func entries(_ path: String) -> [(key: [UInt8], value: [UInt8])] {
        guard let disk = disks.withLock({ $0[path] }) else { return [] }
        return disk.state.withLock { $0.table.entries.map { (key: $0.key, value: $0.value) } }
    }

    /// Removes a store, as removing its folder would.
    public func destroy(_ path: String) {
        disks.withLock { _ = $0.removeValue(forKey: path) }
    }

    /// What a crash would leave of every store.
    func durableCopy() -> MemoryStoresCopy {
        let all = disks.withLock { $0 }
        return MemoryStoresCopy(
            tables: all.mapValues { disk in
                disk.state.withLock { state in
                    var table = state.table
                    for batch in state.unsynced.reversed() {
                        for undo in batch.reversed() { table.apply(undo) }
                    }
                    return table
                }
            })
    }

    /// These stores and no others, from now on. Open handles throw.
    func restore(_ copy: MemoryStoresCopy) {
        let made = copy.tables.mapValues { table in
            let disk = MemoryKeyValueDisk()
            disk.state.withLock { $0.table = table }
            return disk
        }
        let before = disks.withLock { disks in
            defer { disks = made }
            return disks
        }
        for disk in before.values {
            disk.state.withLock { state in
                state.generation += 1
                state.isOpen = false
            }
        }
    }
}

/// The entries of all stores of a machine, by path.
struct MemoryStoresCopy: Sendable {
    var tables: [String: SortedByteTable] = [:]
}

/// What stays when the handle goes.
final class MemoryKeyValueDisk: Sendable {
    struct State {
        var table = SortedByteTable()
        /// How to undo each batch that was not synced, oldest first.
        var unsynced: [[SortedByteTable.Undo]] = []
        var isOpen = false
        var generation = 0

        mutating func undoUnsynced(keeping kept: Int) {
            for batch in unsynced.dropFirst(kept).reversed() {
                for undo in batch.reversed() { table.apply(undo) }
            }
            unsynced = []
        }
    }

    let state = Mutex(State())
}

/// One open handle of a `MemoryKeyValueDisk`.
public final class MemoryKeyValueStore: KeyValueStore {
    public let path: String
    private let disk: MemoryKeyValueDisk
    private let generation: Int
    private let isReader: Bool
    private let isClosed = Mutex(false)

    init(path: String, disk: MemoryKeyValueDisk) throws {
        self.path = path
        self.disk = disk
        isReader = false
        self.generation = try disk.state.withLock { state in
            guard !state.isOpen else {
                throw KeyValueStoreError(.locked, path: path, message: "another handle has it open")
            }
            state.isOpen = true
            state.generation += 1
            return state.generation
        }
    }

    /// A handle that refuses writes, beside one that has the store open.
    init(reading path: String, disk: MemoryKeyValueDisk) {
        self.path = path
        self.disk = disk
        isReader = true
        generation = disk.state.withLock { $0.generation }
    }

    deinit { close() }

    public func get(_ key: [UInt8]) throws -> [UInt8]? {
        try withOpenState { $0.table[key] }
    }

    public func write(_ batch: WriteBatch, sync: Bool) throws {
        try withOpenState { state in
            guard !isReader else {
                throw KeyValueStoreError(.other, path: path, message: "the store is open for reading only")
            }
            var undo: [SortedByteTable.Undo] = []
            for mutation in batch.mutations { state.table.apply(mutation, undo: &undo) }
            if sync {
                // A synced write-ahead log holds every batch before it too.
                state.unsynced = []
            } else {
                state.unsynced.append(undo)
            }
        }
    }

    public func scan(
        prefix: [UInt8], from start: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let snapshot = try withOpenState { $0.table }
        var index = snapshot.lowerBound(max(prefix, start ?? prefix))
        while index < snapshot.entries.count, snapshot.entries[index].key.starts(with: prefix) {
            let entry = snapshot.entries[index]
            let goOn = try entry.key.withUnsafeBytes { key in try entry.value.withUnsafeBytes { try body(key, $0) } }
            guard goOn else { return }
            index += 1
        }
    }

    public func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])? {
        try withOpenState { state in
            guard let entry = state.table.last(prefix: prefix) else { return nil }
            return (key: entry.key, value: entry.value)
        }
    }

    public func close() {
        isClosed.withLock { $0 = true }
        guard !isReader else { return }
        disk.state.withLock { state in
            if state.generation == generation { state.isOpen = false }
        }
    }

    private func withOpenState<Result>(
        _ body: (inout MemoryKeyValueDisk.State) throws -> sending Result
    ) throws -> sending Result {
        try disk.state.withLock { state in
            guard state.generation == generation, isReader || state.isOpen, !isClosed.withLock({ $0 }) else {
                throw KeyValueStoreError(.closed, path: path, message: "the handle was closed")
            }
            return try body(&state)
        }
    }
}

func max(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { left.lexicographicallyPrecedes(right) ? right : left }
