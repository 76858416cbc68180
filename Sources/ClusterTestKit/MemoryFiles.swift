internal import Platform
internal import Synchronization

/// The node is touched only inside the file system's lock, which is what makes these `Sendable`.
final class MemoryWritableFile: WritableFile, @unchecked Sendable {
    private let system: MemoryFileSystem
    private let node: MemoryFileNode
    private let path: String
    private let generation: Int
    private let isClosed = Atomic(false)

    init(system: MemoryFileSystem, node: MemoryFileNode, path: String, generation: Int) {
        self.system = system
        self.node = node
        self.path = path
        self.generation = generation
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try checkOpen("append")
        try system.append(bytes, to: node, path: path, generation: generation)
    }

    /// Nothing survives a crash sooner by it.
    func expectSync() {}

    func sync() throws {
        try checkOpen("sync")
        try system.tree.withLock { tree in
            try tree.checkAlive(generation, operation: "sync \(path)")
            try tree.checkTrouble(path, operation: "sync")
            node.syncedCount = node.bytes.count
        }
    }

    func close() throws { isClosed.store(true, ordering: .relaxed) }

    private func checkOpen(_ operation: String) throws {
        guard !isClosed.load(ordering: .relaxed) else {
            throw FileSystemError(.io, operation: operation, path: path, message: "the file is closed")
        }
    }
}

/// See `MemoryWritableFile` for why this is `Sendable`. Its size is the one at opening.
final class MemoryReadableFile: ReadableFile, @unchecked Sendable {
    private let system: MemoryFileSystem
    private let node: MemoryFileNode
    private let path: String
    private let generation: Int
    let sizeBytes: Int64

    init(system: MemoryFileSystem, node: MemoryFileNode, path: String, size: Int, generation: Int) {
        self.system = system
        self.node = node
        self.path = path
        self.generation = generation
        self.sizeBytes = Int64(size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try system.tree.withLock { tree in
            try tree.checkAlive(generation, operation: "read \(path)")
            try tree.checkTrouble(path, operation: "read")
            guard offset >= 0 else {
                throw FileSystemError(.io, operation: "read", path: path, message: "negative offset \(offset)")
            }
            guard offset < Int64(node.bytes.count) else { return 0 }
            let count = min(buffer.count, node.bytes.count - Int(offset))
            node.bytes.withUnsafeBytes { all in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[Int(offset)..<(Int(offset) + count)]))
            }
            return count
        }
    }
}

final class MemoryFileLock: FileLock {
    private let system: MemoryFileSystem
    private let path: String
    private let generation: Int

    init(system: MemoryFileSystem, path: String, generation: Int) {
        self.system = system
        self.path = path
        self.generation = generation
    }

    deinit {
        system.tree.withLock { tree in
            if tree.generation == generation { tree.lockedPaths.remove(path) }
        }
    }
}
