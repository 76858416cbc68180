import Foundation
import Glibc
import ServerFixtures

/// A file system of a few megabytes in memory, for a test to fill. Needs the right to mount one.
final class SmallDisk: Sendable {
    private let folder: TemporaryFolder
    var path: String { folder.path }
    private var filler: String { path + "/filler" }

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw FixtureError("no tmpfs at \(folder.path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        // MNT_DETACH: also with a file in it open.
        umount2(path, 2)
    }

    /// Whether this process may mount one.
    static let canBeMade: Bool = {
        do {
            _ = try SmallDisk(megabytes: 1)
            return true
        } catch {
            return false
        }
    }()

    /// Takes what is left, to the last byte.
    func fill() throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FixtureError("\(filler): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let bytes = [UInt8](repeating: 7, count: 1 << 16)
        for size in [1 << 16, 4096, 64, 1] { while write(file, bytes, size) > 0 {} }
    }

    func free() throws { try FileManager.default.removeItem(atPath: filler) }
}
