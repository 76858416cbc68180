internal import ByteText
public import Platform
internal import Synchronization

/// A bucket in memory, stricter than a real one: it remembers every put, so that a test can say that no object was
/// uploaded twice or overwritten. Any thread.
public final class MemoryObjectStore: ObjectStore {
    private struct State {
        var objects: [String: [UInt8]] = [:]
        var putCounts: [String: Int] = [:]
        var overwrittenKeys: [String] = []
        var deletedKeys: [String] = []
        var bytesRead: Int64 = 0
        var hook: (@Sendable (Operation) throws -> Void)?
    }

    /// A call, as the hook sees it before it takes effect.
    public enum Operation: Hashable, Sendable {
        case put(String)
        case get(String, Range<Int64>)
        case head(String)
        case delete([String])
        case list(prefix: String)

        /// The keys it names; a listing names none.
        public var keys: [String] {
            switch self {
            case .put(let key), .get(let key, _), .head(let key): [key]
            case .delete(let keys): keys
            case .list: []
            }
        }
    }

    private let state = Mutex(State())
    private let pageSize: Int

    /// - Parameter pageSize: keys a page of `list`; a small one proves that callers follow pages.
    public init(pageSize: Int = 1000) { self.pageSize = pageSize }

    /// Runs before each call takes effect; what it throws is the call's answer.
    public func setHook(_ hook: (@Sendable (Operation) throws -> Void)?) {
        state.withLock { $0.hook = hook }
    }

    @discardableResult
    public func put(_ key: String, from source: any ObjectSource) throws -> ObjectAttributes {
        try runHook(.put(key))
        var bytes = [UInt8](repeating: 0, count: Int(source.sizeBytes))
        // In pieces, as an upload in parts reads it.
        let piece = 1 << 20
        try bytes.withUnsafeMutableBytes { all in
            for offset in stride(from: 0, to: all.count, by: piece) {
                let part = all[offset..<min(offset + piece, all.count)]
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: part), at: Int64(offset))
            }
        }
        return state.withLock { state in
            state.putCounts[key, default: 0] += 1
            if state.objects.updateValue(bytes, forKey: key) != nil { state.overwrittenKeys.append(key) }
            return ObjectAttributes(sizeBytes: Int64(bytes.count), etag: contentTag(bytes))
        }
    }

    public func get(_ key: String, range: Range<Int64>) throws -> [UInt8] {
        try runHook(.get(key, range))
        return try state.withLock { state in
            guard let bytes = state.objects[key] else { throw noSuchKey("GET", key) }
            guard range.lowerBound >= 0, range.upperBound <= Int64(bytes.count) else {
                throw ObjectStoreError(
                    .invalidRequest, operation: "GET", key: key, httpStatus: 416,
                    message: "range \(range) is outside the \(bytes.count) bytes of the object")
            }
            state.bytesRead += Int64(range.count)
            return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    public func head(_ key: String) throws -> ObjectAttributes? {
        try runHook(.head(key))
        return state.withLock { state in
            state.objects[key].map { ObjectAttributes(sizeBytes: Int64($0.count), etag: contentTag($0)) }
        }
    }

    public func delete(_ keys: [String]) throws {
        try runHook(.delete(keys))
        state.withLock { state in
            for key in keys where state.objects.removeValue(forKey: key) != nil { state.deletedKeys.append(key) }
        }
    }

    public func list(prefix: String, continuation: String?) throws -> ObjectPage {
        try runHook(.list(prefix: prefix))
        return state.withLock { state in
            let keys = state.objects.keys
                .filter { key in key.utf8.starts(with: prefix.utf8) && continuation.map { $0 < key } ?? true }
                .sorted()
            let page = keys.prefix(pageSize)
            return ObjectPage(
                objects: page.map { ObjectListing(key: $0, sizeBytes: Int64(state.objects[$0]?.count ?? 0)) },
                continuation: keys.count > pageSize ? page.last : nil)
        }
    }

    private func runHook(_ operation: Operation) throws {
        guard operation.keys.allSatisfy({ !$0.isEmpty }) else {
            throw ObjectStoreError(.invalidRequest, operation: "check", key: "", message: "an object needs a key")
        }
        let hook = state.withLock { $0.hook }
        try hook?(operation)
    }
}

/// What a test asks.
extension MemoryObjectStore {
    /// All keys, sorted.
    public var keys: [String] { state.withLock { $0.objects.keys.sorted() } }
    public var objectCount: Int { state.withLock { $0.objects.count } }
    public var totalBytes: Int64 { state.withLock { $0.objects.values.reduce(0) { $0 + Int64($1.count) } } }
    /// How often each key was put, ever.
    public var putCounts: [String: Int] { state.withLock { $0.putCounts } }
    /// Keys that were put while they existed, in order.
    public var overwrittenKeys: [String] { state.withLock { $0.overwrittenKeys } }
    /// Keys that existed and were deleted, in order.
    public var deletedKeys: [String] { state.withLock { $0.deletedKeys } }
    public var bytesRead: Int64 { state.withLock { $0.bytesRead } }
    public func bytes(_ key: String) -> [UInt8]? { state.withLock { $0.objects[key] } }

    /// Changes an object behind everybody's back; nil removes it.
    public func tamper(_ key: String, _ bytes: [UInt8]?) { state.withLock { $0.objects[key] = bytes } }
}

private func noSuchKey(_ operation: String, _ key: String) -> ObjectStoreError {
    ObjectStoreError(.noSuchKey, operation: operation, key: key, httpStatus: 404, message: "no such object")
}

/// FNV-1a over the bytes: stands for the server's ETag, which callers only compare.
private func contentTag(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Hexadecimal.text(hash)
}
