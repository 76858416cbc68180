internal import Platform
internal import TabletModel

/// Finds out what a data dir can be used for: writes, reads and removes a small file.
struct DirProbe {
    enum Outcome {
        case good
        /// Full, or read-only: what is there can be read.
        case unwritable(DiskCondition)
        case failed(String)
        /// The process was short of something, descriptors say: nothing is known of the disk.
        case unknown(String)
    }

    let layout: DataDirLayout
    let fileSystem: any FileSystem
    /// The dir was opened before: its folders are there, or its disk is away.
    let isKnown: Bool

    /// Errors that may pass by are given a second try: a disk is not taken out of use for one of them.
    func run() -> Outcome {
        let first = attempt()
        guard case .failed = first else { return first }
        return attempt()
    }

    private func attempt() -> Outcome {
        do {
            try checkPresence()
            try writeAndRead()
            return .good
        } catch {
            return judge(error)
        }
    }

    private func judge(_ error: any Error) -> Outcome {
        switch DiskTrouble(error) {
        case .full:
            removeLeftover()
            return readable(
                .full, "its file system is full (\(error)): free space there; it takes rows again by itself then")
        case .readOnly:
            return readable(
                .readOnly, "its file system is read-only (\(error)): look at the system's log, and remount it")
        case .forbidden:
            return readable(.readOnly, "it may not be written (\(error)): give the user of this process the right to")
        case .exhausted: return .unknown("\(error)")
        case .missing: return .failed("\(error): is its disk mounted?")
        case .broken, .refused, nil: return .failed("\(error)")
        }
    }

    /// A disk that takes no writes is still good for reading if it can be read.
    private func readable(_ state: DiskState, _ reason: String) -> Outcome {
        do {
            if isKnown { _ = try fileSystem.list(layout.data) }
            return .unwritable(DiskCondition(state, reason: "\(layout.root): \(reason)"))
        } catch {
            return .failed("\(reason); nor can it be read: \(error)")
        }
    }

    private func checkPresence() throws {
        guard isKnown, try !fileSystem.exists(layout.data) else { return }
        throw FileSystemError(.notFound, operation: "probe", path: layout.data, message: "the folder is not there")
    }

    private func writeAndRead() throws {
        let pattern = Array("tabletd health probe".utf8)
        if try fileSystem.exists(layout.probe) { try fileSystem.remove(layout.probe) }
        let file = try fileSystem.create(layout.probe)
        try pattern.withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
        let back = try fileSystem.readAll(layout.probe, limit: 4096)
        try fileSystem.remove(layout.probe)
        guard back == pattern else {
            throw FileSystemError(
                .io, operation: "probe", path: layout.probe, message: "read back other bytes than were written")
        }
    }

    /// An empty file, where its name fitted and its bytes did not. One that can't be removed is, by the next probe.
    private func removeLeftover() { try? fileSystem.remove(layout.probe) }
}
