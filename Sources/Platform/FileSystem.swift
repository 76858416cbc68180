/// Files and folders, as the storage engine and the FE's image use them. Blocking: call from worker threads only.
///
/// Paths are absolute. A name created, renamed or removed survives a crash only once its folder was synced
/// (`syncDirectory`), a byte only once its file was (`WritableFile.sync`). Implementations throw `FileSystemError`.
public protocol FileSystem: Sendable {
    /// Creates the folder and its missing parents; an existing one is fine. Not durable until the parents are synced.
    func createDirectory(_ path: String) throws
    /// Names in the folder, sorted, without "." and "..".
    func list(_ path: String) throws -> [String]
    /// nil when nothing is there.
    func status(_ path: String) throws -> FileStatus?
    /// The name itself is a symbolic link, whatever it points to. False when nothing is there.
    func isSymbolicLink(_ path: String) throws -> Bool
    /// A new file for appending. An existing file is `.alreadyExists`.
    func create(_ path: String) throws -> any WritableFile
    func open(_ path: String) throws -> any ReadableFile
    /// Atomic; replaces a file at `target`. Also moves folders (to a name that is free).
    func rename(_ source: String, to target: String) throws
    /// Removes a file or an empty folder; nothing there is `.notFound`.
    func remove(_ path: String) throws
    func hardLink(_ source: String, to target: String) throws
    func syncDirectory(_ path: String) throws
    /// Space of the file system that holds `path`.
    func capacity(_ path: String) throws -> Capacity
    /// Takes an exclusive lock held until the returned object goes away or the process ends. `.locked` when taken.
    func lock(_ path: String) throws -> any FileLock
}

public struct FileStatus: Hashable, Sendable {
    public var sizeBytes: Int64
    public var isDirectory: Bool
    public var modifiedAtSeconds: Int64
    public init(sizeBytes: Int64, isDirectory: Bool, modifiedAtSeconds: Int64) {
        self.sizeBytes = sizeBytes
        self.isDirectory = isDirectory
        self.modifiedAtSeconds = modifiedAtSeconds
    }
}

public struct Capacity: Hashable, Sendable {
    public var totalBytes: Int64
    public var availableBytes: Int64
    public init(totalBytes: Int64, availableBytes: Int64) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
    }
}

/// A file that is written once, front to back. Used by one thread at a time.
public protocol WritableFile: AnyObject, Sendable {
    func append(_ bytes: UnsafeRawBufferPointer) throws
    /// A `sync` will follow: from here on the disk may write what is appended while more is, so that the `sync` has less to
    /// wait for. Promises nothing, and does not fail: a disk that could not write says so at an `append` or the `sync`.
    func expectSync()
    /// On return the bytes (not the name) survive a crash.
    func sync() throws
    /// Closes; does not sync. Closing twice is fine. A file dropped without `close` is closed by `deinit`.
    func close() throws
}

/// A file that is read at any place, by any number of threads.
public protocol ReadableFile: AnyObject, Sendable {
    var sizeBytes: Int64 { get }
    /// Fills `buffer` from `offset` and returns how many bytes it got; fewer than asked only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int
}

/// A held lock; released by `deinit`.
public protocol FileLock: AnyObject, Sendable {}

/// What went wrong with which path. `code` lets callers choose; `trouble` is what it means for data; `message` is for people.
public struct FileSystemError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case notFound, alreadyExists, noSpace, readOnly, permissionDenied, locked, notEmpty, io
        /// This process, or the machine, is out of descriptors or memory. It says nothing of the file.
        case exhausted
    }

    public var code: Code
    public var operation: String
    public var path: String
    /// The operating system's errno, 0 when there is none.
    public var systemError: Int32
    public var message: String

    public init(_ code: Code, operation: String, path: String, systemError: Int32 = 0, message: String) {
        self.code = code
        self.operation = operation
        self.path = path
        self.systemError = systemError
        self.message = message
    }

    public var description: String { "\(operation) \(path): \(message) (\(code.rawValue))" }
}

extension FileSystem {
    /// For file systems that have none.
    public func isSymbolicLink(_ path: String) throws -> Bool { false }

    public func exists(_ path: String) throws -> Bool { try status(path) != nil }

    /// The whole file; `limit` bytes at most, else `.io`.
    public func readAll(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        let file = try open(path)
        guard file.sizeBytes <= Int64(limit) else {
            throw FileSystemError(
                .io, operation: "read", path: path, message: "\(file.sizeBytes) bytes are more than the limit \(limit)")
        }
        return try file.read(count: Int(file.sizeBytes), at: 0)
    }

    /// The first line that is not empty of a small file, as one that holds a password; nil: there is none.
    public func firstLine(of path: String) throws -> String? {
        let text = String(decoding: try readAll(path, limit: 4096), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map { String($0) }
    }

    /// Replaces `path` whole and durably: temporary file, sync, rename, sync of the folder. After a crash the file is
    /// the old one or the new one.
    public func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        let temporary = path + ".tmp"
        if try exists(temporary) { try remove(temporary) }
        let file = try create(temporary)
        try bytes.withUnsafeBytes { try file.append($0) }
        try file.sync()
        try file.close()
        try rename(temporary, to: path)
        try syncDirectory(parentDirectory(of: path))
    }

    /// Removes a file or a folder with all that is in it. Nothing there is fine.
    public func removeTree(_ path: String) throws {
        guard let found = try status(path) else { return }
        if found.isDirectory {
            for name in try list(path) { try removeTree(path + "/" + name) }
        }
        try remove(path)
    }
}

extension ReadableFile {
    /// Exactly `count` bytes at `offset`; a shorter file is an `.io` error.
    public func read(count: Int, at offset: Int64) throws -> [UInt8] {
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
                initialized = 0
            }
        }
        if let failure { throw failure }
        guard bytes.count == count else {
            throw FileSystemError(
                .io, operation: "read", path: "(open file)",
                message: "wanted \(count) bytes at \(offset), the file ends after \(bytes.count)")
        }
        return bytes
    }
}

/// The folder part of an absolute path.
public func parentDirectory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
}
