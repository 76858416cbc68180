import CLibcStandIns
import Glibc
import LocalFileSystem
import Platform
import ServerFixtures
import Testing

/// Files that expect their sync are handed to the disk while they grow.
@Suite(.serialized) struct WriteBackTests {
    private static let mebibyte = [UInt8](repeating: 7, count: 1 << 20)
    private let folder: TemporaryFolder
    private let file: any WritableFile

    init() throws {
        folder = try TemporaryFolder()
        file = try LocalFileSystem().create(folder.path + "/f")
    }

    private func watched(error: Int32 = 0, _ body: () throws -> Void) rethrows {
        stand_in_watch_write_back(folder.path, error)
        defer { stand_in_watch_write_back("", 0) }
        try body()
    }

    private func append(_ pieces: Int) throws {
        for _ in 0..<pieces { try Self.mebibyte.withUnsafeBytes { try file.append($0) } }
    }

    @Test func theDiskGetsWholePagesWhileMoreIsAppended() throws {
        try watched {
            file.expectSync()
            try [UInt8](repeating: 1, count: 100).withUnsafeBytes { try file.append($0) }
            try append(3)
            #expect(stand_in_write_back_calls() == 0)
            try append(1)
            #expect(stand_in_write_back_bytes() == 4 << 20 && stand_in_write_back_calls() == 1)
            try append(5)
            #expect(stand_in_write_back_bytes() == 8 << 20 && stand_in_write_back_calls() == 2)
            try file.sync()
            try file.close()
            #expect(stand_in_write_back_calls() == 2)
        }
    }

    @Test func aFileThatNobodySyncsIsLeftToTheKernel() throws {
        try watched {
            try append(9)
            try file.close()
            #expect(stand_in_write_back_calls() == 0)
        }
    }

    /// The kernel may tell it here, and then not again at the sync.
    @Test func aDiskThatCouldNotWriteIsHeardAndNothingIsBelievedAfterwards() throws {
        watched(error: EIO) {
            file.expectSync()
            let error = #expect(throws: FileSystemError.self) { try append(4) }
            #expect(error?.code == .io && error?.path == folder.path + "/f")
        }
        #expect(throws: FileSystemError.self) { try append(1) }
        #expect(throws: FileSystemError.self) { try file.sync() }
    }

    @Test(arguments: [EINVAL, ENOSYS, EOPNOTSUPP, ESPIPE])
    func aFileSystemThatDoesNotKnowTheCallIsAskedOnce(error: Int32) throws {
        try watched(error: error) {
            file.expectSync()
            try append(20)
            try file.sync()
            try file.close()
            #expect(stand_in_write_back_calls() == 1)
        }
        #expect(try LocalFileSystem().status(folder.path + "/f")?.sizeBytes == 20 << 20)
    }
}
