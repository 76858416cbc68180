import ClusterTestKit
import Platform
import PlatformContracts
import Testing

struct MemoryFileSystemTests {
    @Test(arguments: FileSystemContract.allCases)
    func keepsTheContract(_ contract: FileSystemContract) throws {
        let files = MemoryFileSystem()
        try files.createDirectory("/data/root")
        try contract.check(files, root: "/data/root")
    }

    @Test func aCrashTakesUnsyncedBytes() throws {
        let files = try filesWithSyncedRoot()
        let file = try files.create("/d/a")
        try append("kept", file)
        try file.sync()
        try append("lost", file)
        try files.syncDirectory("/d")
        files.crash()
        #expect(try files.readAll("/d/a") == Array("kept".utf8))
    }

    @Test func aCrashTakesBytesWhoseSyncWasExpectedAndDidNotCome() throws {
        let files = try filesWithSyncedRoot()
        let file = try files.create("/d/a")
        file.expectSync()
        try append("lost", file)
        try files.syncDirectory("/d")
        files.crash()
        #expect(try files.readAll("/d/a") == [])
    }

    @Test func aCrashTakesNamesWhoseFolderWasNotSynced() throws {
        let files = try filesWithSyncedRoot()
        let file = try files.create("/d/a")
        try file.sync()
        files.crash()
        #expect(try files.list("/d") == [])
    }

    @Test func aCrashBringsBackWhatWasRemovedWithoutSync() throws {
        let files = try filesWithSyncedRoot()
        try files.create("/d/a").close()
        try files.syncDirectory("/d")
        try files.remove("/d/a")
        files.crash()
        #expect(try files.list("/d") == ["a"])
    }

    @Test func aRenameAcrossFoldersIsDurableOnceEitherIsSynced() throws {
        let files = try filesWithSyncedRoot()
        try files.createDirectory("/e")
        try files.syncDirectory("/")
        try files.create("/d/a").close()
        try files.rename("/d/a", to: "/e/b")
        try files.syncDirectory("/e")
        files.crash(.everything)
        #expect(try files.list("/d") == [])
        #expect(try files.list("/e") == ["b"])
    }

    @Test func aFolderIsLostWithAllThatIsInItWhenItsOwnNameWasNotSynced() throws {
        let files = MemoryFileSystem()
        try files.createDirectory("/d/e")
        try files.create("/d/e/a").close()
        try files.syncDirectory("/d/e")
        files.crash()
        #expect(try files.list("/") == [])
    }

    @Test func replaceFileIsOldOrNewAtEveryOperation() throws {
        for point in 0...20 {
            for seed in UInt64(0)..<20 {
                let files = try filesWithSyncedRoot()
                try files.replaceFile("/d/a", with: Array("old".utf8))
                let plan = FaultPlan(.crashBefore(point))
                let faulty = FaultyFileSystem(files, plan: plan)
                let result = Result { try faulty.replaceFile("/d/a", with: Array("new".utf8)) }
                files.crash(.seeded(seed))
                let found = String(decoding: try files.readAll("/d/a"), as: UTF8.self)
                if plan.hasCrashed {
                    #expect(found == "old" || found == "new")
                } else {
                    try result.get()
                    #expect(found == "new")
                }
            }
        }
    }

    @Test func theSameSeedLeavesTheSame() throws {
        func run(_ seed: UInt64) throws -> [String] {
            let files = try filesWithSyncedRoot()
            for name in ["a", "b", "c"] {
                let file = try files.create("/d/" + name)
                try append(String(repeating: name, count: 1000), file)
            }
            files.crash(.seeded(seed))
            return files.allFiles().map { "\($0.path) \($0.bytes.count)" }
        }
        #expect(try run(7) == run(7))
        #expect(Set(try (0..<20).map { try run($0) }).count > 5)
    }

    @Test func handlesFromBeforeACrashAreDead() throws {
        let files = try filesWithSyncedRoot()
        let file = try files.create("/d/a")
        let lock = try files.lock("/d/lock")
        files.crash()
        #expect(throws: CrashedError.self) { try append("x", file) }
        #expect(throws: CrashedError.self) { try file.sync() }
        let again = try files.lock("/d/lock")
        withExtendedLifetime((lock, again)) {}
    }

    @Test func aFullDiskIsNoSpaceUntilSomethingIsRemoved() throws {
        let files = MemoryFileSystem(capacityBytes: 10)
        let file = try files.create("/a")
        try append("0123456789", file)
        let other = try files.create("/b")
        let error = #expect(throws: FileSystemError.self) { try append("x", other) }
        #expect(error?.code == .noSpace)
        #expect(try files.capacity("/").availableBytes == 0)
        try files.remove("/a")
        try append("x", other)
        #expect(files.usedBytes == 1)
    }

    @Test func aReadOnlyDiskRefusesChanges() throws {
        let files = try filesWithSyncedRoot()
        files.setReadOnly("/d")
        let error = #expect(throws: FileSystemError.self) { _ = try files.create("/d/a") }
        #expect(error?.code == .readOnly)
        _ = try files.create("/b")
        files.setReadOnly(nil)
        _ = try files.create("/d/a")
    }

    private func filesWithSyncedRoot() throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.createDirectory("/d")
        try files.syncDirectory("/")
        return files
    }
}

private func append(_ text: String, _ file: any WritableFile) throws {
    try Array(text.utf8).withUnsafeBytes { try file.append($0) }
}
