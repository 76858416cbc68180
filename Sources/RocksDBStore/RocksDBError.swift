internal import CRocksDB
internal import Platform

/// Calls RocksDB and throws what it wrote into its error pointer. The message belongs to us then, and is freed here.
func rocksDBCall<Result>(
    _ path: String, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
) throws -> Result {
    var message: UnsafeMutablePointer<CChar>?
    let result = try body(&message)
    if let message {
        defer { rocksdb_free(message) }
        throw rocksDBError(path, String(cString: message))
    }
    return result
}

/// The C API gives text only: "<status>: <detail>". RocksDB's status names are stable; details are matched loosely.
func rocksDBError(_ path: String, _ message: String) -> KeyValueStoreError {
    if message.hasPrefix("Corruption") {
        return KeyValueStoreError(
            .corruption, path: path,
            message: message
                + "; move the folder aside, keep it, and put a whole copy in its place: without one, what only this folder "
                + "holds is lost")
    }
    if message.contains("No space left on device") || message.hasPrefix("IO error: No space") {
        return KeyValueStoreError(.noSpace, path: path, message: message + "; free space on this disk")
    }
    if message.contains("lock hold by current process") || message.contains("While lock file") {
        return KeyValueStoreError(
            .locked, path: path, message: message + "; stop the other process, or use another folder")
    }
    let isIO = message.hasPrefix("IO error")
    return KeyValueStoreError(isIO ? .io : .other, path: path, message: message)
}
