public import Platform
public import TabletModel

/// What a person does to a journal that can't be replayed, with no FE on the folder: gives up one entry, or all behind one.
///
/// A copy of the journal's folder is written and synced first; moved back in place of the new one it undoes everything.
public struct JournalSurgery {
    /// What was done.
    public struct Outcome: Hashable, Sendable {
        /// Folder with the copies, below the meta dir.
        public var copies: String
        /// Log ids that were given up.
        public var lost: ClosedRange<Int64>?
        /// Images that cover more than what is left, moved to the copies.
        public var movedImages: [String]
    }

    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case readable(logID: Int64, words: String)
        case outside(logID: Int64, first: Int64, last: Int64)
        case needed(logID: Int64, oldestImage: Int64)
        case newerBuild(logID: Int64, reason: String)

        public var description: String {
            switch self {
            case .readable(let logID, let words):
                "entry \(logID) is whole (\(words)): nothing was changed; --even-if-whole gives it up all the same"
            case .outside(let logID, let first, let last):
                "there is no entry \(logID): the journal holds \(first) to \(last); nothing was changed"
            case .needed(let logID, let oldest):
                """
                nothing before log id \(oldest) can be had: the oldest image covers it, and the journal begins behind it; \
                \(logID) is too low, and nothing was changed
                """
            case .newerBuild(let logID, let reason):
                "entry \(logID) is not corrupt: \(reason); nothing was changed"
            }
        }
    }

    private let metaDir: String
    private let files: any FileSystem
    private let stores: any KeyValueStoreOpener
    private let images: ImageStore
    private let now: UnixTime
    private let lock: (any FileLock)?

    /// - Parameter now: names the folder of the copies.
    /// - Throws: `FileSystemError`, `.locked` when an FE or a tool has the folder.
    public init(
        _ metaDir: String, files: any FileSystem, stores: any KeyValueStoreOpener, now: UnixTime
    ) throws {
        self.metaDir = metaDir
        self.files = files
        self.stores = stores
        self.now = now
        images = ImageStore(files: files, folder: metaDir + "/image")
        // Something is written here: what can't be locked can't be written either.
        lock = try files.lock(metaDir + "/lock")
    }

    /// Forgets all entries above `logID`, durably, and moves images that cover more to the copies.
    /// - Throws: `Refusal`; else an error of the disk: the copies may be there, and the journal is as it was.
    public func truncate(after logID: Int64, _ progress: InspectionProgress = .none) throws -> Outcome {
        let range = try journalRange()
        guard logID >= range.first - 1, logID <= range.last, logID >= 0 else {
            throw Refusal.outside(logID: logID, first: range.first, last: range.last)
        }
        let newer = try images.logIDs().filter { $0 > logID }
        if range.first > 1, try images.logIDs().allSatisfy({ $0 > logID }) {
            throw Refusal.needed(logID: logID, oldestImage: try images.logIDs().last ?? range.first - 1)
        }
        let copies = try copyAside(progress)
        for image in newer { try files.rename(images.path(image), to: "\(copies)/image.\(image)") }
        if !newer.isEmpty {
            try files.syncDirectory(images.folder)
            try files.syncDirectory(copies)
        }
        var batch = WriteBatch()
        // The bound lies above every id.
        batch.deleteRange(from: KeyValueJournal.key(logID + 1), to: KeyValueJournal.key(.max))
        try write(batch)
        return Outcome(
            copies: copies, lost: logID < range.last ? (logID + 1)...range.last : nil,
            movedImages: newer.map { "image.\($0)" })
    }

    /// Puts an entry that changes nothing in the place of one that can't be read or is missing, so that ids stay without a gap.
    /// - Parameter evenIfWhole: also of one that can be read.
    public func skip(
        _ logID: Int64, evenIfWhole: Bool = false, _ progress: InspectionProgress = .none
    ) throws -> Outcome {
        let range = try journalRange()
        guard logID >= range.first, logID <= range.last else {
            throw Refusal.outside(logID: logID, first: range.first, last: range.last)
        }
        if !evenIfWhole { try refuseIfWhole(logID) }
        let copies = try copyAside(progress)
        var batch = WriteBatch()
        batch.put(KeyValueJournal.key(logID), try EncodedEntry(.skipped).record(logID: logID))
        try write(batch)
        return Outcome(copies: copies, lost: logID...logID, movedImages: [])
    }

    private func refuseIfWhole(_ logID: Int64) throws {
        try reading { journal in
            try journal.records(from: logID) { row in
                guard row.logID == logID else { return false }
                do {
                    let entry = try row.decode()
                    throw Refusal.readable(logID: logID, words: entry.words)
                } catch JournalError.unknownOperation(let id, let code) {
                    throw Refusal.newerBuild(
                        logID: id, reason: "\(JournalError.unknownOperation(logID: id, code: code))")
                } catch is JournalError {
                    return false
                }
            }
        }
    }

    /// First and last log id; the first is the one behind the last truncation, be its entry there or not.
    private func journalRange() throws -> (first: Int64, last: Int64) {
        try reading { (try $0.truncatedLogID + 1, try $0.lastLogID) }
    }

    private func reading<Result>(_ body: (any Journal) throws -> Result) throws -> Result {
        // Opening for writing would write before the copy is made.
        let store = try ReopeningStore(ReadingOpener(base: stores), path: metaDir + "/journal")
        defer { store.close() }
        return try body(KeyValueJournal(store))
    }

    private func write(_ batch: WriteBatch) throws {
        let store = try stores.open(metaDir + "/journal")
        defer { store.close() }
        try store.write(batch, sync: true)
    }

    /// Copies the journal's folder, with the store closed, and syncs the copy.
    private func copyAside(_ progress: InspectionProgress) throws -> String {
        let folder = "\(metaDir)/aside.\(now.milliseconds)"
        try files.createDirectory(folder)
        try copyTree(metaDir + "/journal", to: folder + "/journal", progress)
        try files.syncDirectory(folder)
        try files.syncDirectory(metaDir)
        return folder
    }

    private func copyTree(_ source: String, to target: String, _ progress: InspectionProgress) throws {
        guard let found = try files.status(source) else { return }
        guard found.isDirectory else { return try copyFile(source, to: target, progress) }
        try files.createDirectory(target)
        // The lock of a store is no part of it.
        for name in try files.list(source) where name != "LOCK" {
            try copyTree("\(source)/\(name)", to: "\(target)/\(name)", progress)
        }
        try files.syncDirectory(target)
    }

    private func copyFile(_ source: String, to target: String, _ progress: InspectionProgress) throws {
        let from = try files.open(source)
        let to = try files.create(target)
        var offset: Int64 = 0
        while offset < from.sizeBytes {
            let piece = try from.read(count: Int(min(1 << 20, from.sizeBytes - offset)), at: offset)
            try piece.withUnsafeBytes { try to.append($0) }
            offset += Int64(piece.count)
            progress.step("copying the journal aside", offset & ~1023, from.sizeBytes)
        }
        try to.sync()
        try to.close()
    }
}
