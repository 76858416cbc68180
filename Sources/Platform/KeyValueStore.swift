/// An ordered map of byte strings that survives crashes: RocksDB in the daemons. Blocking; any thread.
/// Implementations throw `KeyValueStoreError`.
public protocol KeyValueStore: Sendable {
    func get(_ key: [UInt8]) throws -> [UInt8]?
    /// Applies the batch whole or not at all. With `sync` it survives a crash of the machine on return.
    ///
    /// - Throws: `KeyValueStoreError`, whose `outcome` says what became of the batch. After `.unknown` this handle takes no
    ///   more writes (they are refused): only opening the store again tells what is in it, and makes what it tells durable.
    func write(_ batch: WriteBatch, sync: Bool) throws
    /// Calls `body` with every entry from `start` on (or from the prefix' first) whose key begins with `prefix`, in key
    /// order over one snapshot, until it returns false. The buffers are valid during the call only.
    func scan(
        prefix: [UInt8], from start: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws
    /// The last entry whose key begins with `prefix`.
    func last(prefix: [UInt8]) throws -> (key: [UInt8], value: [UInt8])?
    /// Waits for running calls, then closes; later calls throw. Closing twice is fine.
    func close()
}

/// Changes that become visible together.
public struct WriteBatch: Sendable {
    public enum Mutation: Hashable, Sendable {
        case put(key: [UInt8], value: [UInt8])
        case delete(key: [UInt8])
        /// Every key in [from, to).
        case deleteRange(from: [UInt8], to: [UInt8])
    }

    public private(set) var mutations: [Mutation] = []
    public init() {}
    public var isEmpty: Bool { mutations.isEmpty }
    public mutating func put(_ key: [UInt8], _ value: [UInt8]) { mutations.append(.put(key: key, value: value)) }
    public mutating func delete(_ key: [UInt8]) { mutations.append(.delete(key: key)) }
    public mutating func deleteRange(from: [UInt8], to: [UInt8]) {
        mutations.append(.deleteRange(from: from, to: to))
    }
}

public struct KeyValueStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable { case corruption, io, noSpace, locked, closed, other }

    /// What became of the batch of a write that failed.
    public enum Outcome: String, Hashable, Sendable {
        /// Nothing of it is there, nor ever will be.
        case refused
        /// It may be found, whole, when the store is opened again.
        case unknown
    }

    public var code: Code
    public var path: String
    public var message: String
    /// Of a failed write; other calls change nothing.
    public var outcome: Outcome

    public init(_ code: Code, path: String, message: String, outcome: Outcome = .refused) {
        self.code = code
        self.path = path
        self.message = message
        self.outcome = outcome
    }

    public var description: String { "key-value store \(path): \(message) (\(code.rawValue))" }
}

/// Opens key-value stores.
public protocol KeyValueStoreOpener: Sendable {
    /// Opens for reading and writing, creating what is missing; one owner at a time (`.locked`). Whatever can be read from
    /// the store then is durable.
    func open(_ path: String) throws -> any KeyValueStore
    /// Opens a store that is there, and writes nothing, not even to its folder: for a disk that is full or takes no writes.
    /// Writes are refused. What can be read is durable only if no write before had an unknown outcome.
    func openForReading(_ path: String) throws -> any KeyValueStore
}
