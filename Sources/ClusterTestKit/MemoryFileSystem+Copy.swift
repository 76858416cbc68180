internal import Synchronization

/// Files and folders as a crash would have left them. Immutable: nobody changes the nodes of a copy, a restore makes its own.
final class MemoryDiskCopy: @unchecked Sendable {
    let root: MemoryDirectoryNode

    init(root: MemoryDirectoryNode = MemoryDirectoryNode(id: 0, modifiedAtSeconds: 0)) { self.root = root }
}

extension MemoryFileSystem {
    func durableCopy() -> MemoryDiskCopy {
        tree.withLock { tree in
            var copier = NodeCopier()
            return MemoryDiskCopy(root: copier.copy(tree.root))
        }
    }

    func restore(_ copy: MemoryDiskCopy) {
        tree.withLock { tree in
            var copier = NodeCopier()
            let root = copier.copy(copy.root)
            tree.replaceRoot(root, usedBytes: copier.bytes)
        }
    }
}

extension MemoryFileTree {
    mutating func replaceRoot(_ root: MemoryDirectoryNode, usedBytes: Int64) {
        self.root = root
        self.usedBytes = usedBytes
        pending = []
        lockedPaths = []
        generation += 1
    }
}

/// Copies what is durable. Hard links stay links to one file; ids stay, since they only tell nodes of one tree apart and the
/// tree's counter never goes back.
private struct NodeCopier {
    private var files: [Int: MemoryFileNode] = [:]
    private(set) var bytes: Int64 = 0

    mutating func copy(_ directory: MemoryDirectoryNode) -> MemoryDirectoryNode {
        let made = MemoryDirectoryNode(id: directory.id, modifiedAtSeconds: directory.modifiedAtSeconds)
        for (name, node) in directory.durable.sorted(by: { $0.key < $1.key }) {
            switch node {
            case .directory(let inner): made.durable[name] = .directory(copy(inner))
            case .file(let file): made.durable[name] = .file(copy(file))
            }
        }
        made.live = made.durable
        return made
    }

    private mutating func copy(_ file: MemoryFileNode) -> MemoryFileNode {
        if let known = files[file.id] {
            known.linkCount += 1
            return known
        }
        let made = MemoryFileNode(id: file.id, modifiedAtSeconds: file.modifiedAtSeconds)
        made.bytes = Array(file.bytes.prefix(file.syncedCount))
        made.syncedCount = made.bytes.count
        made.linkCount = 1
        files[file.id] = made
        bytes += Int64(made.bytes.count)
        return made
    }
}
