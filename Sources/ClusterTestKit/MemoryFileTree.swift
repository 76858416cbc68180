internal import Platform

/// A file's bytes. Hard links share it. Files are append-only, so what a crash keeps is a prefix.
final class MemoryFileNode {
    let id: Int
    var bytes: [UInt8] = []
    /// Bytes that survive a crash.
    var syncedCount = 0
    var linkCount = 0
    var modifiedAtSeconds: Int64

    init(id: Int, modifiedAtSeconds: Int64) {
        self.id = id
        self.modifiedAtSeconds = modifiedAtSeconds
    }
}

/// A folder: its names as programs see them, and as a crash would leave them.
final class MemoryDirectoryNode {
    let id: Int
    var live: [String: MemoryNode] = [:]
    var durable: [String: MemoryNode] = [:]
    var modifiedAtSeconds: Int64

    init(id: Int, modifiedAtSeconds: Int64) {
        self.id = id
        self.modifiedAtSeconds = modifiedAtSeconds
    }
}

enum MemoryNode {
    case file(MemoryFileNode)
    case directory(MemoryDirectoryNode)

    func isSame(as other: MemoryNode) -> Bool {
        switch (self, other) {
        case (.file(let a), .file(let b)): a === b
        case (.directory(let a), .directory(let b)): a === b
        default: false
        }
    }
}

/// One change of names that is not durable yet. A rename has two edits, which survive a crash together or not at all.
struct PendingNameChange {
    struct Edit {
        let directory: MemoryDirectoryNode
        let name: String
        /// nil removes the name.
        let node: MemoryNode?
        var key: NameKey { NameKey(directoryID: directory.id, name: name) }
    }

    let edits: [Edit]

    func makeDurable() {
        for edit in edits { edit.directory.durable[edit.name] = edit.node }
    }
}

struct NameKey: Hashable {
    let directoryID: Int
    let name: String
}

/// The whole state of a `MemoryFileSystem`, guarded by its lock.
struct MemoryFileTree {
    var root: MemoryDirectoryNode
    /// In the order they were made.
    var pending: [PendingNameChange] = []
    var usedBytes: Int64 = 0
    var nextNodeID = 1
    var lockedPaths: Set<String> = []
    var readOnlyPrefix: String?
    /// What every operation at or below a path fails with, reading too.
    var trouble: (prefix: String, code: FileSystemError.Code)?
    /// Goes up at every crash, so that handles from before it are refused.
    var generation = 0

    init() { root = MemoryDirectoryNode(id: 0, modifiedAtSeconds: 0) }

    mutating func takeNodeID() -> Int {
        defer { nextNodeID += 1 }
        return nextNodeID
    }

    func components(_ path: String) -> [Substring] { path.split(separator: "/", omittingEmptySubsequences: true) }

    func find(_ path: String) -> MemoryNode? {
        var node = MemoryNode.directory(root)
        for part in components(path) {
            guard case .directory(let directory) = node, let next = directory.live[String(part)] else { return nil }
            node = next
        }
        return node
    }

    /// The folder that holds (or would hold) `path`, and the last part of the name.
    func parent(of path: String, operation: String) throws -> (directory: MemoryDirectoryNode, name: String) {
        var parts = components(path)
        guard let name = parts.popLast() else {
            throw FileSystemError(.io, operation: operation, path: path, message: "the root cannot be used here")
        }
        var directory = root
        for part in parts {
            switch directory.live[String(part)] {
            case .directory(let next): directory = next
            case .file:
                throw FileSystemError(.io, operation: operation, path: path, message: "\(part) is not a folder")
            case nil:
                throw FileSystemError(.notFound, operation: operation, path: path, message: "no folder \(part)")
            }
        }
        return (directory, String(name))
    }

    /// Changes names now; the change is durable once one of its folders is synced.
    mutating func change(_ edits: [PendingNameChange.Edit]) {
        for edit in edits {
            let before = edit.directory.live[edit.name]
            edit.directory.live[edit.name] = edit.node
            if case .file(let file)? = edit.node { link(file) }
            if case .file(let file)? = before { unlink(file) }
        }
        pending.append(PendingNameChange(edits: edits))
    }

    private mutating func link(_ file: MemoryFileNode) {
        if file.linkCount == 0 { usedBytes += Int64(file.bytes.count) }
        file.linkCount += 1
    }

    private mutating func unlink(_ file: MemoryFileNode) {
        file.linkCount -= 1
        if file.linkCount == 0 { usedBytes -= Int64(file.bytes.count) }
    }

    /// Makes the folder's own changes durable, with every earlier change that touches the same names (a name cannot
    /// reach the disk before the change it builds on).
    mutating func sync(_ directory: MemoryDirectoryNode) {
        var needed: Set<NameKey> = []
        var selected: [Bool] = Array(repeating: false, count: pending.count)
        for index in pending.indices.reversed() {
            let edits = pending[index].edits
            let isOwn = edits.contains { $0.directory === directory }
            guard isOwn || edits.contains(where: { needed.contains($0.key) }) else { continue }
            selected[index] = true
            for edit in edits { needed.insert(edit.key) }
        }
        for index in pending.indices where selected[index] { pending[index].makeDurable() }
        var kept: [PendingNameChange] = []
        for index in pending.indices where !selected[index] { kept.append(pending[index]) }
        pending = kept
    }
}
