public import Platform
internal import Synchronization
internal import TabletModel

/// Files in memory, strict about what a crash leaves: bytes that were not synced and names whose folder was not synced
/// are lost (`crash`). Also runs out of space, turns read-only and holds locks. Any thread; deterministic in one.
public final class MemoryFileSystem: FileSystem {
    let tree: Mutex<MemoryFileTree>
    private let time: (any TimeSource)?
    private let capacityLimit: Atomic<Int64>

    /// - Parameter time: gives modification times; without it all are 0.
    public init(capacityBytes: Int64 = 1 << 40, time: (any TimeSource)? = nil) {
        self.tree = Mutex(MemoryFileTree())
        self.time = time
        self.capacityLimit = Atomic(capacityBytes)
    }

    /// Total bytes of the disk; lowering it below what is used makes every append fail with `.noSpace`.
    public var capacityBytes: Int64 {
        get { capacityLimit.load(ordering: .relaxed) }
        set { capacityLimit.store(newValue, ordering: .relaxed) }
    }

    public var usedBytes: Int64 { tree.withLock { $0.usedBytes } }

    /// Every change at or below this path fails with `.readOnly`; nil lifts it. "/" is the whole disk.
    public func setReadOnly(_ prefix: String?) { tree.withLock { $0.readOnlyPrefix = prefix } }

    /// Every operation at or below this path, reading too, fails with the code from now on: `.io` is a dying disk,
    /// `.exhausted` a process without descriptors. nil lifts it. Locks and bytes that are held already stay.
    public func setTrouble(_ code: FileSystemError.Code?, under prefix: String = "/") {
        tree.withLock { $0.trouble = code.map { (prefix, $0) } }
    }

    /// `setTrouble` stands.
    public var isInTrouble: Bool { tree.withLock { $0.trouble != nil } }

    private var nowSeconds: Int64 { time?.wallNow.seconds ?? 0 }

    public func createDirectory(_ path: String) throws {
        let now = nowSeconds
        try tree.withLock { tree in
            try tree.checkTrouble(path, operation: "mkdir")
            var directory = tree.root
            for part in tree.components(path) {
                let name = String(part)
                switch directory.live[name] {
                case .directory(let next): directory = next
                case .file:
                    throw FileSystemError(.alreadyExists, operation: "mkdir", path: path, message: "\(name) is a file")
                case nil:
                    // A folder that is there needs no writable disk.
                    try tree.checkWritable(path, operation: "mkdir")
                    let made = MemoryDirectoryNode(id: tree.takeNodeID(), modifiedAtSeconds: now)
                    tree.change([.init(directory: directory, name: name, node: .directory(made))])
                    directory = made
                }
            }
        }
    }

    public func list(_ path: String) throws -> [String] {
        try tree.withLock { tree in
            try tree.checkTrouble(path, operation: "list")
            return try tree.directory(path, operation: "list").live.keys.sorted()
        }
    }

    public func status(_ path: String) throws -> FileStatus? {
        try tree.withLock { tree in
            // Nothing there is no error of this call.
            if tree.trouble?.code == .notFound, tree.isInTrouble(path) { return nil }
            try tree.checkTrouble(path, operation: "status")
            return switch tree.find(path) {
            case .file(let file):
                FileStatus(
                    sizeBytes: Int64(file.bytes.count), isDirectory: false, modifiedAtSeconds: file.modifiedAtSeconds)
            case .directory(let directory):
                FileStatus(sizeBytes: 0, isDirectory: true, modifiedAtSeconds: directory.modifiedAtSeconds)
            case nil: nil
            }
        }
    }

    public func create(_ path: String) throws -> any WritableFile {
        let now = nowSeconds
        return try tree.withLock { tree in
            try tree.checkWritable(path, operation: "create")
            let (directory, name) = try tree.parent(of: path, operation: "create")
            guard directory.live[name] == nil else {
                throw FileSystemError(.alreadyExists, operation: "create", path: path, message: "the name is taken")
            }
            let file = MemoryFileNode(id: tree.takeNodeID(), modifiedAtSeconds: now)
            tree.change([.init(directory: directory, name: name, node: .file(file))])
            return MemoryWritableFile(system: self, node: file, path: path, generation: tree.generation)
        }
    }

    public func open(_ path: String) throws -> any ReadableFile {
        try tree.withLock { tree in
            try tree.checkTrouble(path, operation: "open")
            switch tree.find(path) {
            case .file(let file):
                return MemoryReadableFile(
                    system: self, node: file, path: path, size: file.bytes.count, generation: tree.generation)
            case .directory:
                throw FileSystemError(.io, operation: "open", path: path, message: "it is a folder")
            case nil:
                throw FileSystemError(.notFound, operation: "open", path: path, message: "no such file")
            }
        }
    }

    public func rename(_ source: String, to target: String) throws {
        try tree.withLock { tree in
            try tree.checkWritable(source, operation: "rename")
            try tree.checkWritable(target, operation: "rename")
            let (from, fromName) = try tree.parent(of: source, operation: "rename")
            guard let node = from.live[fromName] else {
                throw FileSystemError(.notFound, operation: "rename", path: source, message: "no such name")
            }
            let (to, toName) = try tree.parent(of: target, operation: "rename")
            if let taken = to.live[toName] {
                if taken.isSame(as: node) { return }
                guard case .file = taken, case .file = node else {
                    throw FileSystemError(
                        .alreadyExists, operation: "rename", path: target, message: "a folder is in the way")
                }
            }
            tree.change([
                .init(directory: to, name: toName, node: node),
                .init(directory: from, name: fromName, node: nil),
            ])
        }
    }

    public func remove(_ path: String) throws {
        try tree.withLock { tree in
            try tree.checkWritable(path, operation: "remove")
            let (directory, name) = try tree.parent(of: path, operation: "remove")
            switch directory.live[name] {
            case nil: throw FileSystemError(.notFound, operation: "remove", path: path, message: "no such name")
            case .directory(let folder) where !folder.live.isEmpty:
                throw FileSystemError(
                    .notEmpty, operation: "remove", path: path, message: "\(folder.live.count) names are in it")
            default: tree.change([.init(directory: directory, name: name, node: nil)])
            }
        }
    }

    public func hardLink(_ source: String, to target: String) throws {
        try tree.withLock { tree in
            try tree.checkWritable(target, operation: "link")
            guard let node = tree.find(source) else {
                throw FileSystemError(.notFound, operation: "link", path: source, message: "no such file")
            }
            guard case .file = node else {
                throw FileSystemError(.permissionDenied, operation: "link", path: source, message: "it is a folder")
            }
            let (directory, name) = try tree.parent(of: target, operation: "link")
            guard directory.live[name] == nil else {
                throw FileSystemError(.alreadyExists, operation: "link", path: target, message: "the name is taken")
            }
            tree.change([.init(directory: directory, name: name, node: node)])
        }
    }

    public func syncDirectory(_ path: String) throws {
        try tree.withLock { tree in
            try tree.checkTrouble(path, operation: "sync folder")
            let directory = try tree.directory(path, operation: "sync folder")
            tree.sync(directory)
        }
    }

    public func capacity(_ path: String) throws -> Capacity {
        let total = capacityBytes
        return try tree.withLock { tree in
            try tree.checkTrouble(path, operation: "capacity")
            guard tree.find(path) != nil else {
                throw FileSystemError(.notFound, operation: "capacity", path: path, message: "no such path")
            }
            return Capacity(totalBytes: total, availableBytes: max(0, total - tree.usedBytes))
        }
    }

    public func lock(_ path: String) throws -> any FileLock {
        let now = nowSeconds
        return try tree.withLock { tree in
            let (directory, name) = try tree.parent(of: path, operation: "lock")
            if directory.live[name] == nil {
                try tree.checkWritable(path, operation: "lock")
                let file = MemoryFileNode(id: tree.takeNodeID(), modifiedAtSeconds: now)
                tree.change([.init(directory: directory, name: name, node: .file(file))])
            }
            guard tree.lockedPaths.insert(path).inserted else {
                throw FileSystemError(.locked, operation: "lock", path: path, message: "another holder has the lock")
            }
            return MemoryFileLock(system: self, path: path, generation: tree.generation)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer, to file: MemoryFileNode, path: String, generation: Int) throws {
        let limit = capacityBytes
        let now = nowSeconds
        try tree.withLock { tree in
            try tree.checkAlive(generation, operation: "append \(path)")
            try tree.checkWritable(path, operation: "append")
            let count = Int64(bytes.count)
            guard tree.usedBytes + count <= limit else {
                throw FileSystemError(
                    .noSpace, operation: "append", path: path, message: "\(count) bytes do not fit on the disk")
            }
            file.bytes.append(contentsOf: bytes)
            file.modifiedAtSeconds = now
            if file.linkCount > 0 { tree.usedBytes += count }
        }
    }
}

extension MemoryFileTree {
    func directory(_ path: String, operation: String) throws -> MemoryDirectoryNode {
        switch find(path) {
        case .directory(let directory): return directory
        case .file: throw FileSystemError(.io, operation: operation, path: path, message: "it is a file")
        case nil: throw FileSystemError(.notFound, operation: operation, path: path, message: "no such folder")
        }
    }

    func checkWritable(_ path: String, operation: String) throws {
        try checkTrouble(path, operation: operation)
        guard let prefix = readOnlyPrefix, Self.isWithin(path, prefix) else { return }
        throw FileSystemError(.readOnly, operation: operation, path: path, message: "the disk is read-only")
    }

    func isInTrouble(_ path: String) -> Bool { trouble.map { Self.isWithin(path, $0.prefix) } ?? false }

    func checkTrouble(_ path: String, operation: String) throws {
        guard let trouble, isInTrouble(path) else { return }
        throw FileSystemError(trouble.code, operation: operation, path: path, message: "the disk is in trouble")
    }

    private static func isWithin(_ path: String, _ prefix: String) -> Bool {
        prefix == "/" || path == prefix || path.hasPrefix(prefix + "/")
    }

    func checkAlive(_ handleGeneration: Int, operation: String) throws {
        guard handleGeneration == generation else { throw CrashedError(operation: operation) }
    }
}
