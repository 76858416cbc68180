import ClusterTestKit
import MetadataTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct ImageTests {
    private func storeWithImages(_ count: Int, machine: MetadataMachine) throws -> (MetadataStore, ClusterState) {
        var generator = StateEntryGenerator(seed: 21)
        let store = try machine.open()
        for _ in 0..<count {
            for _ in 0..<20 { try store.commit([generator.next()]) }
            _ = try store.checkpoint()
        }
        for _ in 0..<5 { try store.commit([generator.next()]) }
        return (store, generator.state)
    }

    @Test func theNewestTwoAreKeptAndTheJournalReachesBackToTheOlder() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(4, machine: machine)
        #expect(try store.images.logIDs() == [80, 60])
        #expect(store.imageLogID == 80)
        var first: Int64?
        try store.journal.read(from: 61) { id, _ in first = first ?? id }
        #expect(first == 61)
        #expect(throws: JournalError.self) { try store.journal.read(from: 60) { _, _ in } }
    }

    @Test func oneImageAloneTruncatesNothing() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(1, machine: machine)
        var count = 0
        try store.journal.read(from: 1) { _, _ in count += 1 }
        #expect(count == 25)
    }

    @Test func aCorruptNewestImageIsSetAsideAndTheOlderServes() throws {
        let machine = MetadataMachine()
        let (_, state) = try storeWithImages(3, machine: machine)
        let files = machine.machine.fileSystem
        let size = try #require(try files.status("/meta/image/image.60")).sizeBytes
        for offset in stride(from: 0, to: Int(size), by: 97) {
            try files.corrupt("/meta/image/image.60", at: offset, xor: 0x04)
            let store = try machine.open()
            #expect(try store.snapshot().durableBytes() == state.durableBytes(), "byte \(offset)")
            #expect(try store.images.logIDs() == [40])
            try files.rename("/meta/image/image.60.corrupt", to: "/meta/image/image.60")
            try files.corrupt("/meta/image/image.60", at: offset, xor: 0x04)
        }
        #expect(try machine.open().images.logIDs() == [60, 40])
    }

    /// Each section has a checksum of its own: only the end tells that one of them is not where it was.
    @Test func aSectionThatIsMissingDoubledOrInAnothersPlaceIsFound() throws {
        let machine = MetadataMachine()
        let (_, state) = try storeWithImages(3, machine: machine)
        let (files, path) = (machine.machine.fileSystem, "/meta/image/image.60")
        let whole = try files.readAll(path, limit: 1 << 20)
        let sections = Self.sections(of: whole)
        let head = Array(whole[..<ImageFormat.fileHeadBytes])
        #expect(sections.count > 4 && head + sections.flatMap { $0 } == whole)
        var wrong: [[[UInt8]]] = []
        for index in sections.indices.dropLast() {
            wrong.append(sections.enumerated().filter { $0.offset != index }.map(\.element))
            wrong.append(Array(sections[...index]) + [sections[index]] + sections[(index + 1)...])
            var swapped = sections
            swapped.swapAt(index, (index + 1) % (sections.count - 1))
            wrong.append(swapped)
        }
        for (index, sections) in wrong.enumerated() {
            try files.remove(path)
            try Self.write(head + sections.flatMap { $0 }, to: path, files)
            let store = try machine.open()
            #expect(try store.images.logIDs() == [40], "\(index)")
            #expect(try store.snapshot().durableBytes() == state.durableBytes())
            try files.rename(path + ".corrupt", to: path)
        }
    }

    /// As images of older builds do.
    @Test func anImageThatEndsWithoutADigestIsRead() throws {
        let machine = MetadataMachine()
        let (_, state) = try storeWithImages(3, machine: machine)
        let (files, path) = (machine.machine.fileSystem, "/meta/image/image.60")
        let whole = try files.readAll(path, limit: 1 << 20)
        let end = try #require(Self.sections(of: whole).last)
        try files.remove(path)
        try Self.write(Array(whole.dropLast(end.count)) + ImageFormat.frame(.end, []), to: path, files)
        let store = try machine.open()
        #expect(store.imageLogID == 60)
        #expect(try store.snapshot().durableBytes() == state.durableBytes())
    }

    @Test func anImageThatReadsBackOtherwiseDropsNothing() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(2, machine: machine)
        let files = machine.machine.fileSystem
        let images = ImageStore(files: FlippingFileSystem(files), folder: "/meta/image")
        let error = #expect(throws: MetadataError.self) {
            try images.write(ImageWriter(state: store.snapshot(), logID: store.lastLogID, clusterID: 1))
        }
        #expect("\(try #require(error))".contains("image.ckpt"))
        #expect(try store.images.logIDs() == [40, 20])
    }

    private static func sections(of image: [UInt8]) -> [[UInt8]] {
        var sections: [[UInt8]] = []
        var start = ImageFormat.fileHeadBytes
        while start < image.count {
            let length = image.withUnsafeBytes { $0.loadBigEndian(at: start + 4, as: UInt64.self) }
            let end = start + ImageFormat.sectionHeadBytes + Int(length) + ImageFormat.checksumBytes
            sections.append(Array(image[start..<end]))
            start = end
        }
        return sections
    }

    private static func write(_ bytes: [UInt8], to path: String, _ files: MemoryFileSystem) throws {
        let file = try files.create(path)
        try bytes.withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
    }

    @Test func withoutAnyGoodImageATruncatedJournalStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(3, machine: machine)
        for id in [60, 40] { try machine.machine.fileSystem.corrupt("/meta/image/image.\(id)", at: 30) }
        #expect(throws: JournalError.self) { try machine.open() }
    }

    @Test func aTornImageIsCorruptAtEveryLength() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(1, machine: machine)
        let files = machine.machine.fileSystem
        let whole = try files.readAll("/meta/image/image.20")
        for length in stride(from: 0, to: whole.count, by: 13) {
            try files.replaceFile("/meta/image/image.7", with: Array(whole[..<length]))
            let error = #expect(throws: MetadataError.self) {
                _ = try ImageReader.read(store.images.path(7), from: files)
            }
            guard case .imageCorrupt? = error else {
                Issue.record("length \(length): \(String(describing: error))")
                return
            }
        }
    }

    @Test func anImageOfANewerFormatStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(2, machine: machine)
        try machine.machine.fileSystem.corrupt("/meta/image/image.40", at: 11, xor: 0x03)
        #expect(throws: MetadataError.imageNewerFormat(path: "/meta/image/image.40", found: 2, supported: 1)) {
            try machine.open()
        }
    }

    @Test func anImageAheadOfTheJournalStopsTheStart() throws {
        let machine = MetadataMachine()
        _ = try storeWithImages(2, machine: machine)
        machine.machine.keyValueStores.destroy("/meta/journal")
        #expect(throws: JournalError.behindImage(last: 0, image: 40)) { try machine.open() }
    }

    @Test func changesMadeWhileAnImageIsWrittenAreNotInIt() throws {
        let machine = MetadataMachine()
        let (store, _) = try storeWithImages(0, machine: machine)
        let applied = store.appliedNow()
        let before = try applied.state.durableBytes()
        try store.commit([.setEpoch(1_000)])
        #expect(try applied.state.durableBytes() == before)
        #expect(applied.lastLogID == store.lastLogID - 1)
    }

    @Test func aCheckpointIsDueByEntriesOrByTimeWithSomethingNew() {
        var trigger = CheckpointTrigger(rollEntries: 100, interval: .seconds(60))
        func isDue(_ last: Int64, _ seconds: Int64) -> Bool {
            trigger.isDue(lastLogID: last, volume: 0, now: MonotonicTime(nanoseconds: seconds * 1_000_000_000))
        }
        #expect(!isDue(0, 0))
        #expect(!isDue(5, 1))
        #expect(!isDue(5, 60))
        #expect(isDue(5, 61))
        let begun = [trigger.begin(), trigger.begin()]
        #expect(begun == [true, false])
        trigger.end(image: 5, volume: 0)
        #expect(!isDue(5, 500))
        #expect(isDue(105, 62))
    }

    @Test func aCheckpointIsDueByBytesOfJournalSinceTheLastOne() {
        var trigger = CheckpointTrigger(rollEntries: 100, interval: .seconds(60), rollBytes: 1000)
        func isDue(_ last: Int64, _ volume: Int64) -> Bool {
            trigger.isDue(lastLogID: last, volume: volume, now: MonotonicTime(nanoseconds: 0))
        }
        #expect(!isDue(1, 999))
        #expect(isDue(2, 1000))
        let begun = trigger.begin()
        #expect(begun)
        trigger.end(image: nil, volume: 1000)
        // A failed one made nothing smaller.
        #expect(isDue(2, 1000))
        let begunAgain = trigger.begin()
        #expect(begunAgain)
        trigger.end(image: 2, volume: 1000)
        #expect(!isDue(3, 1999))
        #expect(isDue(3, 2000))
    }

    @Test func aStoreWritesAnImageOnceItsJournalHasGrownSo() throws {
        let machine = MetadataMachine()
        let store = try machine.open(checkpoints: CheckpointTrigger(interval: .seconds(9999), rollBytes: 4000))
        #expect(try store.checkpointIfDue(now: machine.time.monotonicNow) == nil)
        var written: [Int64] = []
        for round in 0..<30 {
            let name = String(repeating: "n", count: 400)
            try store.commit([.createDatabase(Database(id: DatabaseID(Int64(round)), name: name))])
            if let image = try store.checkpointIfDue(now: machine.time.monotonicNow) { written.append(image.logID) }
        }
        #expect(written == [10, 20, 30])
    }

    @Test func theJournalTellsHowItGrows() throws {
        let machine = MetadataMachine()
        let store = try machine.open()
        let before = store.journal.volumeBytes
        try store.commit([.setEpoch(5)])
        let grown = store.journal.volumeBytes - before
        #expect(grown == Int64(try EncodedEntry(.setEpoch(5)).record(logID: 1).count))
        machine.crash()
        // What a start replays is behind the image, too.
        #expect(try machine.open().journal.volumeBytes == before + grown)
    }
}

/// A disk that gives back another bit than it was given.
private struct FlippingFileSystem: FileSystem {
    let real: MemoryFileSystem

    init(_ real: MemoryFileSystem) { self.real = real }

    func open(_ path: String) throws -> any ReadableFile {
        try real.corrupt(path, at: 40, xor: 1)
        return try real.open(path)
    }

    func createDirectory(_ path: String) throws { try real.createDirectory(path) }
    func list(_ path: String) throws -> [String] { try real.list(path) }
    func status(_ path: String) throws -> FileStatus? { try real.status(path) }
    func isSymbolicLink(_ path: String) throws -> Bool { try real.isSymbolicLink(path) }
    func create(_ path: String) throws -> any WritableFile { try real.create(path) }
    func rename(_ source: String, to target: String) throws { try real.rename(source, to: target) }
    func remove(_ path: String) throws { try real.remove(path) }
    func hardLink(_ source: String, to target: String) throws { try real.hardLink(source, to: target) }
    func syncDirectory(_ path: String) throws { try real.syncDirectory(path) }
    func capacity(_ path: String) throws -> Capacity { try real.capacity(path) }
    func lock(_ path: String) throws -> any FileLock { try real.lock(path) }
}
