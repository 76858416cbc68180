import Checksums
import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import StorageEngine

/// Copies reach the disk together, and none counts before it did.
@Suite struct SegmentCopyTests {
    private let files = MemoryFileSystem()
    private let plan = FaultPlan(counts: { _ in true })

    init() throws {
        for folder in ["/from", "/to"] { try files.createDirectory(folder) }
        for folder in ["/from", "/to", "/"] { try files.syncDirectory(folder) }
    }

    private var copy: SegmentCopy { SegmentCopy(FaultyFileSystem(files, plan: plan)) }

    /// Files of the source, on its disk.
    private func made(_ count: Int) throws -> [(name: String, meta: SegmentMeta)] {
        try (0..<count).map { number in
            let bytes = (0..<(100 + number)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
            let file = try files.create("/from/\(number)")
            try bytes.withUnsafeBytes { try file.append($0) }
            try file.sync()
            let meta = SegmentMeta(sizeBytes: Int64(bytes.count), rowCount: 1, crc32c: crc32c(bytes))
            return ("\(number)", meta)
        }
    }

    private func copyAll(_ made: [(name: String, meta: SegmentMeta)], by copy: SegmentCopy) throws {
        for (name, meta) in made {
            try copy.copy("/from/\(name)", to: "/to/\(name)", expected: meta, reading: { try $0() }, progress: { _ in })
        }
    }

    private func trace(_ name: String) -> [Int] {
        plan.trace.indices.filter { plan.trace[$0].name == name && plan.trace[$0].target.hasPrefix("/to/") }
    }

    @Test func filesAreSyncedOnceTheLastIsCopied() throws {
        let made = try made(5)
        let copy = copy
        try copyAll(made, by: copy)
        #expect(trace("sync") == [])
        try copy.sync()
        #expect(trace("sync").count == 5 && trace("close").count == 5)
        try files.syncDirectory("/to")
        files.crash()
        for (name, meta) in made {
            #expect(crc32c(try files.readAll("/to/\(name)")) == meta.crc32c)
        }
        try copy.sync()
        #expect(trace("sync").count == 5)
    }

    @Test func manyFilesAreNotOpenAtOnce() throws {
        let made = try made(3 * SegmentCopy.maxUnsynced / 2)
        let copy = copy
        try copyAll(made, by: copy)
        try copy.sync()
        var (open, most) = (0, 0)
        for operation in plan.trace where operation.target.hasPrefix("/to/") {
            if operation.name == "create" { open += 1 }
            if operation.name == "close" { open -= 1 }
            most = max(most, open)
        }
        #expect(open == 0 && most == SegmentCopy.maxUnsynced)
        try files.syncDirectory("/to")
        files.crash()
        for (name, meta) in made {
            #expect(crc32c(try files.readAll("/to/\(name)")) == meta.crc32c)
        }
    }

    /// A disk forgets what it could not write: a later sync may say that all is well.
    @Test func afterASyncThatFailedNoCopyCounts() throws {
        let made = try made(SegmentCopy.maxUnsynced + 1)
        let dry = copy
        try copyAll(made, by: dry)
        let first = try #require(trace("sync").first)
        for (name, _) in made { try files.remove("/to/\(name)") }
        plan.restart(.fail(first))
        let copy = copy
        let error = #expect(throws: FileSystemError.self) { try copyAll(made, by: copy) }
        #expect(error?.operation == "sync" && error?.path == "/to/0")
        #expect(throws: FileSystemError.self) { try copy.sync() }
        #expect(throws: FileSystemError.self) { try copy.sync() }
    }

    @Test func aSourceThatIsNotWhatWasWrittenLeavesNothing() throws {
        var made = try made(2)
        made[1].meta.crc32c ^= 1
        let copy = copy
        #expect(throws: SegmentError.self) { try copyAll(made, by: copy) }
        #expect(try files.list("/to") == ["0"])
        try copy.sync()
    }
}
