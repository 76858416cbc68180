public import Platform
internal import TabletModel

/// A meta dir that no FE holds, opened to be looked at: nothing in it is written but its lock. While this object is there no FE
/// can take the folder.
public final class MetadataFolder: Sendable {
    public let path: String
    let files: any FileSystem
    let images: ImageStore
    let journal: any Journal
    private let store: ReopeningStore
    private let lock: (any FileLock)?

    /// - Throws: `FileSystemError`, `.locked` when an FE or a tool has the folder, `.notFound` when it is not there;
    ///   `KeyValueStoreError` when the journal's store can't be read.
    public init(_ path: String, files: any FileSystem, stores: any KeyValueStoreOpener) throws {
        self.path = path
        self.files = files
        guard try files.status(path + "/image")?.isDirectory == true else {
            throw FileSystemError(
                .notFound, operation: "open", path: path + "/image",
                message: "there is no such folder: is \(path) a meta_dir?")
        }
        lock = try MetadataLock.take(path, files)
        images = ImageStore(files: files, folder: path + "/image")
        store = try ReopeningStore(ReadingOpener(base: stores), path: path + "/journal")
        journal = KeyValueJournal(store)
    }

    /// The folder can be taken by others again.
    public func close() { store.close() }

    var identity: ClusterIdentity {
        get throws { try ClusterIdentity.read(folder: path + "/image", files: files) }
    }

    /// The state that a start would have, without what a start changes: the newest image and the journal behind it.
    /// - Throws: at the first thing that is wrong.
    func replayed(_ progress: InspectionProgress = .none) throws -> ClusterState {
        var state = ClusterState()
        var logID: Int64 = 0
        if let newest = try images.logIDs().first {
            progress.step("reading image.\(newest)", 0, 0)
            (state, logID, _) = try ImageReader.read(images.path(newest), from: files)
        }
        let last = try journal.lastLogID
        let first = logID + 1
        try journal.read(from: first) { id, entry in
            state.apply(entry)
            progress.step("replaying the journal", id - first, last - first + 1)
        }
        return state
    }
}

/// How far a long look is: stage, done, total (0: nobody knows).
public struct InspectionProgress: Sendable {
    public static let none = InspectionProgress { _, _, _ in }
    private let report: @Sendable (String, Int64, Int64) -> Void

    public init(_ report: @escaping @Sendable (String, Int64, Int64) -> Void) { self.report = report }

    /// Called for each of millions of things: tells of every thousandth.
    func step(_ stage: String, _ done: Int64, _ total: Int64) {
        if done & 1023 == 0 { report(stage, done, total) }
    }
}

/// Opens stores for reading only: nothing in their folders is written.
struct ReadingOpener: KeyValueStoreOpener {
    let base: any KeyValueStoreOpener
    func open(_ path: String) throws -> any KeyValueStore { try base.openForReading(path) }
    func openForReading(_ path: String) throws -> any KeyValueStore { try base.openForReading(path) }
}
