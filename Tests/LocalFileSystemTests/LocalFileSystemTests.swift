import Glibc
import LocalFileSystem
import Platform
import PlatformContracts
import ServerFixtures
import Testing

struct LocalFileSystemTests {
    @Test(arguments: FileSystemContract.allCases)
    func keepsTheContract(_ contract: FileSystemContract) throws {
        let folder = try TemporaryFolder()
        try contract.check(LocalFileSystem(), root: folder.path)
    }

    @Test func filesAndFoldersAreForTheOwnerOnly() throws {
        let folder = try TemporaryFolder()
        let files = LocalFileSystem()
        try files.createDirectory(folder.path + "/d")
        try files.create(folder.path + "/d/f").close()
        var found = stat()
        #expect(stat(folder.path + "/d", &found) == 0 && found.st_mode & 0o777 == 0o700)
        #expect(stat(folder.path + "/d/f", &found) == 0 && found.st_mode & 0o777 == 0o600)
    }

    @Test(arguments: [("secret\n", "secret"), ("\n  two words \r\nmore", "  two words "), ("", nil), ("\n", nil)])
    func theFirstLineIsWhatASecretStandsIn(text: String, line: String?) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/line"
        let file = try LocalFileSystem().create(path)
        try Array(text.utf8).withUnsafeBytes { try file.append($0) }
        try file.close()
        #expect(try LocalFileSystem().firstLine(of: path) == line)
    }

    @Test func aHeldLockNamesItsHolder() throws {
        let folder = try TemporaryFolder()
        let held = try LocalFileSystem().lock(folder.path + "/lock")
        let error = #expect(throws: FileSystemError.self) { _ = try LocalFileSystem().lock(folder.path + "/lock") }
        #expect(error?.message.contains("process \(getpid()) holds it") == true)
        withExtendedLifetime(held) {}
    }

    @Test func capacityOfNothingIsNotFound() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: FileSystemError.self) { _ = try LocalFileSystem().capacity(folder.path + "/no") }
        #expect(error?.code == .notFound)
        #expect(error?.systemError == ENOENT)
    }

    @Test func aFolderIsNotAFileToRead() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: FileSystemError.self) { _ = try LocalFileSystem().open(folder.path) }
        #expect(error?.systemError == EISDIR)
    }

    @Test func appendedBytesAreThereAfterCloseWithoutSync() throws {
        let folder = try TemporaryFolder()
        let files = LocalFileSystem()
        let file = try files.create(folder.path + "/f")
        try [UInt8](repeating: 7, count: 100).withUnsafeBytes { try file.append($0) }
        try file.close()
        #expect(try files.readAll(folder.path + "/f").count == 100)
    }
}
