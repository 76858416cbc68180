public import HTTPAPI
internal import Platform
internal import TabletModel

/// Looks through a meta dir: each checksum, each count, that image and journal belong together, and what must be true of what
/// they hold. Writes nothing.
///
/// The oldest image is replayed up to the next and so on, and must give the same each time. Memory: two states.
public struct MetadataVerification {
    private static let listedProblems = 1000

    private let folder: MetadataFolder
    private let progress: InspectionProgress
    private var verdict = MetadataVerdictView()
    private var clusterID: Int32?

    /// - Throws: what keeps it from looking at all: `FileSystemError` or `KeyValueStoreError` of a folder that can't be listed.
    ///   What is wrong with what can be read is in the verdict.
    public static func run(
        _ folder: MetadataFolder, _ progress: InspectionProgress = .none
    ) throws -> MetadataVerdictView {
        var verification = MetadataVerification(folder: folder, progress: progress)
        try verification.run()
        return verification.verdict
    }

    private init(folder: MetadataFolder, progress: InspectionProgress) {
        self.folder = folder
        self.progress = progress
    }

    private mutating func run() throws {
        checkIdentity()
        let images = try folder.images.logIDs().sorted()
        verdict.images = Int64(images.count)
        for name in try folder.files.list(folder.images.folder) where name.hasSuffix(".corrupt") {
            verdict.notes.append("image/\(name) was set aside at a start")
        }
        let journal = checkJournal(images: images)
        checkContents(images: images, journal: journal)
    }

    private mutating func found(_ place: String, offset: Int64? = nil, logID: Int64? = nil, _ text: String) {
        verdict.problemCount += 1
        guard verdict.problems.count < Self.listedProblems else { return }
        verdict.problems.append(.init(place: place, offset: offset, logID: logID, text: text))
    }

    private mutating func checkIdentity() {
        do {
            clusterID = try folder.identity.clusterID
        } catch MetadataError.badIdentity(let path, let reason) {
            found("image/" + path.split(separator: "/").last!, reason)
        } catch {
            found("image", "\(error)")
        }
    }

    // MARK: Journal

    private struct JournalRange {
        var first: Int64
        var last: Int64
        /// No record is missing or bad.
        var isWhole: Bool
    }

    /// Each record by itself, and their order. - Returns: nil when it can't be read.
    private mutating func checkJournal(images: [Int64]) -> JournalRange? {
        let before = verdict.problemCount
        do {
            let truncated = try folder.journal.truncatedLogID
            let (first, last) = (try folder.journal.firstLogID, try folder.journal.lastLogID)
            verdict.lastLogID = last
            if first > last { verdict.notes.append("the journal has no entries; they were dropped up to \(truncated)") }
            if first <= truncated {
                found("journal", logID: first, "it is there, although entries up to \(truncated) were dropped")
            }
            try checkRecords(from: max(first, truncated + 1), last: last)
            if let oldest = images.first, truncated > oldest {
                found(
                    "journal", logID: truncated,
                    "entries up to \(truncated) were dropped, but image.\(oldest) needs those from \(oldest + 1) on")
            }
            if images.isEmpty, truncated > 0 {
                found("journal", logID: truncated, "entries up to \(truncated) were dropped, and there is no image")
            }
            for image in images where image > last {
                found(
                    "journal", logID: last,
                    "it ends at \(last), image.\(image) covers more: they do not belong together")
            }
            return JournalRange(first: truncated + 1, last: last, isWhole: verdict.problemCount == before)
        } catch {
            found("journal", "it can't be read: \(error)")
            return nil
        }
    }

    private mutating func checkRecords(from start: Int64, last: Int64) throws {
        var expected = try folder.journal.truncatedLogID + 1
        let (journal, progress) = (folder.journal, progress)
        try journal.records(from: start) { row in
            if row.logID != expected {
                let missing =
                    expected == row.logID - 1 ? "entry \(expected) is" : "entries \(expected) to \(row.logID - 1) are"
                found("journal", logID: expected, "\(missing) missing")
            }
            expected = row.logID + 1
            verdict.entries += 1
            do {
                _ = try row.decode()
            } catch {
                found("journal", logID: row.logID, "\(error)")
            }
            progress.step("reading the journal", row.logID - start, last - start + 1)
            return true
        }
    }

    // MARK: Images and what they give

    private mutating func checkContents(images: [Int64], journal: JournalRange?) {
        var state: ClusterState? = journal?.first == 1 ? ClusterState() : nil
        var logID: Int64 = 0
        for image in images {
            let read = readImage(image)
            if let journal, journal.isWhole, image <= journal.last, var replayed = state.take() {
                if replay(&replayed, from: logID, to: image), let read {
                    compare(replayed, with: read, at: image, from: logID)
                }
                state = replayed
            }
            if let read { (state, logID) = (read, image) } else if state != nil { logID = image }
        }
        guard let journal, journal.isWhole, var last = state, replay(&last, from: logID, to: journal.last) else {
            if journal?.isWhole == true {
                found("state", "no whole image from which the journal could be replayed: a start would fail")
            }
            if let state { check(state, at: logID) }
            return
        }
        check(last, at: journal.last)
    }

    private mutating func readImage(_ logID: Int64) -> ClusterState? {
        let place = "image/image.\(logID)"
        var offset: Int64?
        do {
            progress.step("reading image.\(logID)", 0, 0)
            var reader = ImageReader(sections: try ImageSections(folder.images.path(logID), from: folder.files))
            offset = 0
            defer { offset = reader.sections.sectionStart }
            let image = try reader.readAll()
            if image.logID != logID {
                found(place, offset: 12, "its header says that it covers up to log id \(image.logID)")
            }
            if let clusterID, image.clusterID != clusterID {
                found(place, offset: 12, "it is of cluster \(image.clusterID), VERSION says \(clusterID)")
            }
            return image.state
        } catch MetadataError.imageCorrupt(_, let reason) {
            found(place, offset: offset ?? 0, reason)
        } catch {
            found(place, offset: offset ?? 0, "\(error)")
        }
        return nil
    }

    /// - Returns: false when an entry could not be read.
    private mutating func replay(_ state: inout ClusterState, from: Int64, to: Int64) -> Bool {
        var last = from
        do {
            let progress = progress
            try folder.journal.records(from: from + 1) { row in
                guard row.logID <= to else { return false }
                state.apply(try row.decode())
                last = row.logID
                progress.step("replaying the journal", last - from, to - from)
                return true
            }
        } catch {
            found("journal", logID: last + 1, "it can't be replayed: \(error)")
            return false
        }
        return last == to
    }

    private mutating func compare(_ replayed: ClusterState, with image: ClusterState, at logID: Int64, from: Int64) {
        do {
            let digests = try [replayed, image].map { state in
                try ImageWriter(state: state, logID: logID, clusterID: 1).write { _ in }
            }
            guard digests[0] != digests[1] else { return }
            let begin = from == 0 ? "the journal from its first entry" : "image.\(from) and the journal"
            found("image/image.\(logID)", "\(begin) up to \(logID) give another state than it holds")
        } catch {
            found("image/image.\(logID)", "its state can't be written again: \(error)")
        }
    }

    private mutating func check(_ state: ClusterState, at logID: Int64) {
        verdict.tables = Int64(state.tableCount)
        verdict.tablets = Int64(state.tablets.count)
        verdict.replicas = Int64(state.tablets.replicaCount)
        var check = StateInvariants(state: state)
        check.run(progress)
        for problem in check.problems { found("state", logID: logID, problem) }
        verdict.problemCount += check.problemCount - Int64(check.problems.count)
        verdict.notes += check.notes
    }
}
