internal import Glibc
internal import Platform

extension LocalFileSystem {
    public func isSymbolicLink(_ path: String) throws -> Bool {
        var found = stat()
        guard lstat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw systemError("status", path)
        }
        return found.st_mode & S_IFMT == S_IFLNK
    }
}
