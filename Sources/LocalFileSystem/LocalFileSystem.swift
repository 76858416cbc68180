internal import Glibc
public import Platform

/// The operating system's files. Files are made 0600 and folders 0700: tablets hold other people's data. Stateless.
public struct LocalFileSystem: FileSystem {
    public init() {}

    public func createDirectory(_ path: String) throws {
        if mkdir(path, 0o700) == 0 { return }
        switch errno {
        case EEXIST:
            guard try status(path)?.isDirectory == true else { throw systemError("mkdir", path, errno: EEXIST) }
        case ENOENT where path != "/" && !path.isEmpty:
            try createDirectory(parentDirectory(of: path))
            // Another thread may have made it in between.
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw systemError("mkdir", path) }
        default: throw systemError("mkdir", path)
        }
    }

    public func list(_ path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw systemError("list", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw systemError("list", path) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public func status(_ path: String) throws -> FileStatus? {
        var found = stat()
        guard stat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw systemError("status", path)
        }
        return FileStatus(
            sizeBytes: Int64(found.st_size), isDirectory: found.st_mode & S_IFMT == S_IFDIR,
            modifiedAtSeconds: Int64(found.st_mtim.tv_sec))
    }

    /// Bytes are buffered: others see them, and `status` counts them, after `sync` or `close`.
    public func create(_ path: String) throws -> any WritableFile {
        let descriptor = try FileDescriptor.open(
            path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, operation: "create")
        return LocalWritableFile(descriptor: descriptor, path: path)
    }

    public func open(_ path: String) throws -> any ReadableFile {
        let descriptor = try FileDescriptor.open(path, flags: O_RDONLY, operation: "open")
        var found = stat()
        guard fstat(descriptor.number, &found) == 0 else { throw systemError("open", path) }
        guard found.st_mode & S_IFMT != S_IFDIR else { throw systemError("open", path, errno: EISDIR) }
        return LocalReadableFile(descriptor: descriptor, path: path, sizeBytes: Int64(found.st_size))
    }

    public func rename(_ source: String, to target: String) throws {
        // Linux would silently replace an empty folder, and calls a file in a folder's way "not a directory".
        if let taken = try status(target), try taken.isDirectory || status(source)?.isDirectory == true {
            throw FileSystemError(
                .alreadyExists, operation: "rename", path: target, systemError: EEXIST,
                message: "a folder is in the way")
        }
        guard Glibc.rename(source, target) == 0 else { throw systemError("rename", source) }
    }

    public func remove(_ path: String) throws {
        if unlink(path) == 0 { return }
        guard errno == EISDIR || errno == EPERM else { throw systemError("remove", path) }
        let number = errno
        guard rmdir(path) == 0 else { throw systemError("remove", path, errno: errno == ENOTDIR ? number : errno) }
    }

    public func hardLink(_ source: String, to target: String) throws {
        guard link(source, target) == 0 else {
            throw systemError("link", errno == EEXIST ? target : source)
        }
    }

    public func syncDirectory(_ path: String) throws {
        let folder = try FileDescriptor.open(path, flags: O_RDONLY | O_DIRECTORY, operation: "sync folder")
        guard retryingInterrupts({ fsync(folder.number) }) == 0 else { throw systemError("sync folder", path) }
    }

    public func capacity(_ path: String) throws -> Capacity {
        var found = statvfs()
        guard retryingInterrupts({ statvfs(path, &found) }) == 0 else { throw systemError("capacity", path) }
        let unit = Int64(found.f_frsize)
        return Capacity(totalBytes: Int64(found.f_blocks) * unit, availableBytes: Int64(found.f_bavail) * unit)
    }

    /// The file keeps the process id of its holder, for people; the lock itself is the kernel's (`flock`).
    public func lock(_ path: String) throws -> any FileLock {
        let file = try openLock(path)
        guard retryingInterrupts({ flock(file.number, LOCK_EX | LOCK_NB) }) == 0 else {
            guard errno == EWOULDBLOCK else { throw systemError("lock", path) }
            let holder = readHolder(file)
            throw FileSystemError(
                .locked, operation: "lock", path: path, systemError: EWOULDBLOCK,
                message: "process \(holder ?? "unknown") holds it; stop that process or use another folder")
        }
        try writeHolder(file, path: path)
        return LocalFileLock(file: file)
    }

    /// A file that is there can be locked on a disk that takes no writes, too.
    private func openLock(_ path: String) throws -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, flags: O_RDWR | O_CREAT, mode: 0o600, operation: "lock")
        } catch let error as FileSystemError where error.trouble.leavesDataReadable {
            guard let file = try? FileDescriptor.open(path, flags: O_RDONLY, operation: "lock") else { throw error }
            return file
        }
    }

    private func readHolder(_ file: FileDescriptor) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(file.number, &bytes, bytes.count, 0)
        guard count > 0, let id = Int(String(decoding: bytes[..<count], as: UTF8.self)) else { return nil }
        return String(id)
    }

    private func writeHolder(_ file: FileDescriptor, path: String) throws {
        let text = Array(String(getpid()).utf8)
        // Over what is there: a full disk has room for that, and not for a file that was emptied before.
        if pwrite(file.number, text, text.count, 0) == text.count, ftruncate(file.number, off_t(text.count)) == 0 {
            return
        }
        let error = errno == EBADF ? systemError("lock", path, errno: EROFS) : systemError("lock", path)
        guard error.trouble.leavesDataReadable else { throw error }
    }
}

private final class LocalFileLock: FileLock {
    private let file: FileDescriptor
    init(file: FileDescriptor) { self.file = file }
}
