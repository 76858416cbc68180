/// One bucket (with its root path) of an object store. Blocking; any thread. Retries happen inside, within a budget;
/// what is thrown (`ObjectStoreError`) has been retried as far as it made sense.
public protocol ObjectStore: Sendable {
    /// Stores the source under `key`, in parts when it is large, and verifies on the way that the server holds the same
    /// bytes. Overwrites. On return the object is complete; on error no part of it is left behind, or its abort was tried.
    @discardableResult
    func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes
    /// Exactly `range` of the object (a byte range inside it).
    func get(_ key: String, range: Range<Int64>) throws -> [UInt8]
    /// nil when there is no such object.
    func head(_ key: String) throws -> ObjectAttributes?
    /// Deleting what is not there is fine.
    func delete(_ keys: [String]) throws
    /// One page of keys with this prefix in key order. `continuation` is what the last page returned; nil starts.
    func list(prefix: String, continuation: String?) throws -> ObjectPage
    /// Hands `range` of the object (a byte range inside it) to `body`, in order and in pieces, on the caller's thread. What
    /// `body` throws ends it and is thrown.
    func read(_ key: String, range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
    /// Calls `body` with each of 0..<count and returns when all have ended: up to `parallel` at once where this store's calls
    /// can overlap, each on a thread of its own. By default one after the other.
    func concurrently(_ count: Int, parallel: Int, _ body: @escaping @Sendable (Int) -> Void)
}

extension ObjectStore {
    public func read(_ key: String, range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let piece: Int64 = 4 << 20
        var offset = range.lowerBound
        while offset < range.upperBound {
            let end = min(offset + piece, range.upperBound)
            try get(key, range: offset..<end).withUnsafeBytes { try body($0) }
            offset = end
        }
    }

    public func concurrently(_ count: Int, parallel: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for index in 0..<count { body(index) }
    }

    /// Every object with this prefix; follows all pages.
    public func listAll(prefix: String) throws -> [ObjectListing] {
        var all: [ObjectListing] = []
        var continuation: String?
        repeat {
            let page = try list(prefix: prefix, continuation: continuation)
            all += page.objects
            continuation = page.continuation
        } while continuation != nil
        return all
    }

    /// The whole object, at most `limit` bytes; nil when it is not there.
    public func getAll(_ key: String, limit: Int64 = 64 << 20) throws -> [UInt8]? {
        guard let found = try head(key) else { return nil }
        guard found.sizeBytes <= limit else {
            throw ObjectStoreError(
                .invalidRequest, operation: "GET", key: key,
                message: "\(found.sizeBytes) bytes exceed the limit \(limit)")
        }
        return found.sizeBytes == 0 ? [] : try get(key, range: 0..<found.sizeBytes)
    }
}

/// Bytes to upload, read at any offset and possibly more than once (a retry), by several threads.
public protocol ObjectSource: Sendable {
    var sizeBytes: Int64 { get }
    /// Fills the whole buffer from `offset`.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws
    /// Of all its bytes, when whoever made it has hashed them already: 16 bytes. An upload is proven by it, and need not hash.
    var md5: [UInt8]? { get }
}

extension ObjectSource {
    public var md5: [UInt8]? { nil }
}

/// A source over bytes in memory.
public struct BytesSource: ObjectSource {
    public let bytes: [UInt8]
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public var sizeBytes: Int64 { Int64(bytes.count) }
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<(Int(offset) + buffer.count)]))
        }
    }
}

/// A source over an open file. The file must not change while it is uploaded; segments never do.
public struct FileSource: ObjectSource {
    public let file: any ReadableFile
    public init(_ file: any ReadableFile) { self.file = file }
    public var sizeBytes: Int64 { file.sizeBytes }
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        let count = try file.read(into: buffer, at: offset)
        guard count == buffer.count else {
            throw FileSystemError(
                .io, operation: "read", path: "(upload source)",
                message: "wanted \(buffer.count) bytes at \(offset), got \(count)")
        }
    }
}

public struct ObjectAttributes: Hashable, Sendable {
    public var sizeBytes: Int64
    /// Without quotes; the MD5 in hex for objects uploaded in one piece to most servers.
    public var etag: String
    public init(sizeBytes: Int64, etag: String) {
        self.sizeBytes = sizeBytes
        self.etag = etag
    }
}

public struct ObjectListing: Hashable, Sendable {
    public var key: String
    public var sizeBytes: Int64
    public init(key: String, sizeBytes: Int64) {
        self.key = key
        self.sizeBytes = sizeBytes
    }
}

public struct ObjectPage: Hashable, Sendable {
    public var objects: [ObjectListing]
    /// Give it to the next call; nil after the last page.
    public var continuation: String?
    public init(objects: [ObjectListing], continuation: String?) {
        self.objects = objects
        self.continuation = continuation
    }
}

/// What an object store refused or could not do. Never carries a secret.
public struct ObjectStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        case accessDenied, noSuchBucket, noSuchKey, invalidRequest, checksumMismatch, truncated, throttled
        case unavailable, timeout, network, tls, cancelled, other
    }

    public var code: Code
    public var operation: String
    public var key: String
    /// 0 when no response came.
    public var httpStatus: Int
    public var message: String
    /// The same call may succeed later without anybody changing anything.
    public var isRetryable: Bool

    public init(
        _ code: Code, operation: String, key: String, httpStatus: Int = 0, message: String, isRetryable: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.key = key
        self.httpStatus = httpStatus
        self.message = message
        self.isRetryable = isRetryable
    }

    public var description: String {
        let status = httpStatus == 0 ? "" : " HTTP \(httpStatus)"
        return "\(operation) \(key): \(message) (\(code.rawValue)\(status))"
    }
}
