internal import Platform
internal import Synchronization

/// What a crash takes of the things that were not synced.
public enum CrashLoss: Sendable {
    /// Everything.
    case everything
    /// A part chosen by the seed: a file keeps a random piece of its unsynced tail, sometimes with its end zeroed; name
    /// changes survive up to a random one, in the order they were made, as a journalling file system leaves them.
    case seeded(UInt64)
}

extension MemoryFileSystem {
    /// The machine goes down and comes back: unsynced bytes and names are gone, locks are free, open files throw
    /// `CrashedError`.
    public func crash(_ loss: CrashLoss = .everything) {
        tree.withLock { $0.crash(loss) }
    }

    /// Paths and contents of every file, sorted by path.
    public func allFiles() -> [(path: String, bytes: [UInt8])] {
        tree.withLock { tree in
            var found: [(path: String, bytes: [UInt8])] = []
            tree.root.forEachFile(at: "") { found.append((path: $0, bytes: $1.bytes)) }
            return found
        }
    }

    /// Flips bits of one byte of a file on the disk: what a bad sector or a bad cable leaves.
    public func corrupt(_ path: String, at offset: Int, xor mask: UInt8 = 0xFF) throws {
        try tree.withLock { tree in
            guard case .file(let file)? = tree.find(path), file.bytes.indices.contains(offset) else {
                throw FileSystemError(.notFound, operation: "corrupt", path: path, message: "no byte \(offset)")
            }
            file.bytes[offset] ^= mask
        }
    }
}

extension MemoryFileTree {
    mutating func crash(_ loss: CrashLoss) {
        if case .seeded(let seed) = loss {
            let random = SeededRandom(seed: seed).fork("names")
            let kept = Int(random.next(below: UInt64(pending.count) + 1))
            for change in pending.prefix(kept) { change.makeDurable() }
        }
        pending = []
        lockedPaths = []
        generation += 1
        usedBytes = 0
        var linked: [Int: MemoryFileNode] = [:]
        root.revertToDurable { file in
            file.linkCount = linked[file.id] == nil ? 1 : file.linkCount + 1
            linked[file.id] = file
        }
        for id in linked.keys.sorted() {
            guard let file = linked[id] else { continue }
            file.tearTail(loss)
            usedBytes += Int64(file.bytes.count)
        }
    }
}

extension MemoryFileNode {
    /// Cuts the bytes to what survived. Afterwards all that is left counts as synced: it was read back from the disk.
    fileprivate func tearTail(_ loss: CrashLoss) {
        var kept = syncedCount
        if case .seeded(let seed) = loss, bytes.count > syncedCount {
            let random = SeededRandom(seed: seed).fork("file \(id)")
            kept += Int(random.next(below: UInt64(bytes.count - syncedCount) + 1))
            if random.oneIn(4) {
                // The file system had grown the file, but the last blocks never reached the disk.
                let zeroed = Int(random.next(below: UInt64(min(4096, kept - syncedCount)) + 1))
                for index in (kept - zeroed)..<kept { bytes[index] = 0 }
            }
        }
        bytes.removeLast(bytes.count - kept)
        syncedCount = kept
    }
}

extension MemoryDirectoryNode {
    fileprivate func revertToDurable(_ body: (MemoryFileNode) -> Void) {
        live = durable
        for name in live.keys.sorted() {
            switch live[name] {
            case .file(let file): body(file)
            case .directory(let directory): directory.revertToDurable(body)
            case nil: break
            }
        }
    }

    fileprivate func forEachFile(at path: String, _ body: (String, MemoryFileNode) -> Void) {
        for name in live.keys.sorted() {
            switch live[name] {
            case .file(let file): body(path + "/" + name, file)
            case .directory(let directory): directory.forEachFile(at: path + "/" + name, body)
            case nil: break
            }
        }
    }
}
