internal import Glibc
internal import Platform

/// Owns a descriptor; closes it in `deinit` at the latest.
final class FileDescriptor: Sendable {
    let number: Int32

    init(number: Int32) { self.number = number }

    /// Opens with `O_CLOEXEC`, so that child processes hold neither files nor locks.
    static func open(_ path: String, flags: Int32, mode: mode_t = 0, operation: String) throws -> FileDescriptor {
        let number = retryingInterrupts { Glibc.open(path, flags | O_CLOEXEC, mode) }
        guard number >= 0 else { throw systemError(operation, path) }
        return FileDescriptor(number: number)
    }

    deinit { Glibc.close(number) }
}
