public import Platform

/// What a peer may download: a snapshot's folder as a list, or one of its files.
public enum SnapshotDownload: Sendable {
    /// Names, sorted; `/api/_tablet/_download` gives them one a line.
    case folder([String])
    case file(any ReadableFile)

    /// Why there is nothing to download.
    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The path is none of a snapshot: says nothing about what is there.
        case outside
        /// Released, expired, or never made.
        case absent(String)

        public var description: String {
            switch self {
            case .outside: "the path is not that of a snapshot's folder or file"
            case .absent(let path): "\(path) is not there: the snapshot was released, or has expired"
            }
        }
    }
}

extension SnapshotService {
    /// Opens what the path names. Only what `SnapshotPath` spells out can be reached, and nothing through a symbolic link.
    /// - Throws: `SnapshotDownload.Refusal`; `EngineError.dataDirUnusable`, `FileSystemError`.
    public func download(_ path: String) throws -> SnapshotDownload {
        guard let place = SnapshotPath(path, in: engine.dataDirs) else { throw SnapshotDownload.Refusal.outside }
        try place.dataDir.checkUsable()
        for step in place.steps where try fileSystem.isSymbolicLink(step) { throw SnapshotDownload.Refusal.outside }
        let path = place.steps[place.rest.count]
        do {
            guard let found = try fileSystem.status(path) else { throw SnapshotDownload.Refusal.absent(path) }
            if found.isDirectory { return .folder(try fileSystem.list(path)) }
            return .file(try fileSystem.open(path))
        } catch let error as FileSystemError where error.code == .notFound {
            throw SnapshotDownload.Refusal.absent(path)
        }
    }
}
