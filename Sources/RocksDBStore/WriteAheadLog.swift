internal import CRocksDB
internal import Glibc
internal import Logging
internal import Platform

/// The newest log of a store that is to be opened, and what is done about its end.
struct WriteAheadLog {
    private let store: String
    private let file: String

    /// nil when there is no log, or an empty one only.
    init?(ofStore path: String) {
        store = path
        let newest = Self.names(in: path).filter { $0.hasSuffix(".log") }
            .compactMap { name in Int(name.dropLast(4)).map { (number: $0, file: path + "/" + name) } }
            .sorted { $0.number > $1.number }
            .first { Self.byteCount($0.file) > 0 }
        guard let newest else { return nil }
        file = newest.file
    }

    /// Cuts a torn end off, and says so. To be called before RocksDB opens the store, and under its lock: who has the store open is
    /// left in peace, and opening will say that it is locked.
    /// - Throws: `.corruption` for a damaged log.
    func cutTornEnd(_ logger: Logger?) throws {
        guard let lock = tabletd_rocksdb_lock(store + "/LOCK") else { return }
        defer { tabletd_rocksdb_unlock(lock) }
        guard case .torn(let offset) = try checkedEnd() else { return }
        let count = Self.byteCount(file) - offset
        try cut(at: offset)
        logger?.warning(
            "the log of a store ended in the middle of a write, and was cut there",
            metadata: [
                "file": "\(file)", "offset": "\(offset)", "bytes": "\(count)",
                "meaning": "process or machine stopped during that write: nobody was told that it had been made",
            ])
    }

    /// - Throws: `.corruption` for a damaged log.
    @discardableResult
    func checkedEnd() throws -> LogEnd {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        let end = try LogEnd { buffer in
            var count = 0
            while count < buffer.count {
                let result = read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if result < 0, errno == EINTR { continue }
                guard result >= 0 else { throw failure("read") }
                guard result > 0 else { break }
                count += result
            }
            return count
        }
        if case .damaged(let offset) = end {
            throw rocksDBError(
                store, "Corruption: \(file) is damaged behind byte \(offset), and that is not how a crash leaves it")
        }
        return end
    }

    private func cut(at offset: Int64) throws {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(offset)) == 0 else { throw failure("cut") }
        guard fsync(descriptor) == 0 else { throw failure("sync") }
    }

    private func failure(_ action: String) -> KeyValueStoreError {
        KeyValueStoreError(
            errno == ENOSPC ? .noSpace : .io, path: store,
            message: "can't \(action) \(file): \(String(cString: strerror(errno)))")
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    private static func byteCount(_ file: String) -> Int64 {
        var found = stat()
        return stat(file, &found) == 0 ? Int64(found.st_size) : 0
    }
}
