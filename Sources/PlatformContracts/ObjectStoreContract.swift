public import Platform
internal import Synchronization

/// What an implementation did that the `ObjectStore` seam does not allow.
public struct ContractViolation: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}

/// The promises of `ObjectStore`, as functions that throw when a store breaks one. Run by the tests of every
/// implementation against an empty store. Each works below a prefix of its own.
public struct ObjectStoreContract {
    private let store: any ObjectStore
    /// Objects of this size go up in parts where the store knows parts.
    private let largeBytes: Int

    public init(_ store: any ObjectStore, largeBytes: Int) {
        self.store = store
        self.largeBytes = largeBytes
    }

    public func checkAll() throws {
        try checkRoundTrip()
        try checkOverwrite()
        try checkRanges()
        try checkStreams()
        try checkAbsence()
        try checkOddKeys()
        try checkListing()
        try checkDeletion()
    }

    /// What was put comes back, at sizes around the edges.
    public func checkRoundTrip() throws {
        for size in [0, 1, 4095, 65_536, 65_537, (1 << 20) + 1, largeBytes, largeBytes + 1] {
            let key = "round/\(size)"
            let bytes = pattern(size)
            let put = try store.put(key, from: BytesSource(bytes))
            try require(put.sizeBytes == Int64(size), "put of \(size) bytes says it stored \(put.sizeBytes)")
            let head = try store.head(key)
            try require(head?.sizeBytes == Int64(size), "head of \(size) bytes says \(String(describing: head))")
            let back = try store.getAll(key, limit: Int64(size))
            try require(back == bytes, "\(size) bytes came back changed")
        }
    }

    public func checkOverwrite() throws {
        try store.put("over/a", from: BytesSource(pattern(1000)))
        try store.put("over/a", from: BytesSource([1, 2, 3]))
        try require(try store.getAll("over/a") == [1, 2, 3], "a second put did not replace the object")
    }

    /// `get` answers exactly the range, wherever it lies.
    public func checkRanges() throws {
        let bytes = pattern(300_000)
        try store.put("range/a", from: BytesSource(bytes))
        let ranges: [Range<Int64>] = [0..<1, 0..<300_000, 299_999..<300_000, 1..<2, 65_535..<65_538, 150_000..<290_000]
        for range in ranges {
            let part = try store.get("range/a", range: range)
            try require(part == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]), "range \(range) is wrong")
        }
        try require(try store.get("range/a", range: 7..<7).isEmpty, "an empty range is not empty")
        try requireError("a range beyond the end", { $0.isRetryable == false }) {
            _ = try store.get("range/a", range: 299_990..<300_010)
        }
    }

    /// `read` hands over exactly the range, in order; `concurrently` takes every index once, and has ended them all.
    public func checkStreams() throws {
        let bytes = pattern(largeBytes)
        try store.put("stream/a", from: BytesSource(bytes))
        for range in [0..<Int64(largeBytes), 7..<8, 100..<Int64(largeBytes - 1), 5..<5] {
            var got: [UInt8] = []
            try store.read("stream/a", range: range) { got += $0 }
            try require(
                got == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]), "streaming \(range) is wrong")
        }
        try requireError("streaming what is not there", { $0.code == .noSuchKey }) {
            try store.read("stream/absent", range: 0..<5) { _ in }
        }
        struct Enough: Error {}
        do {
            try store.read("stream/a", range: 0..<Int64(largeBytes)) { _ in throw Enough() }
            try require(false, "the reader's error was swallowed")
        } catch is Enough {}
        for count in [0, 1, 3, 100] {
            let taken = Tally(count)
            store.concurrently(count, parallel: 4) { taken.count($0) }
            try require(taken.isOnceEach, "not every index of \(count) was taken once")
        }
    }

    public func checkAbsence() throws {
        try require(try store.head("absent/a") == nil, "head of an absent key is not nil")
        try require(try store.getAll("absent/a") == nil, "getAll of an absent key is not nil")
        try requireError("get of an absent key", { $0.code == .noSuchKey }) {
            _ = try store.get("absent/a", range: 0..<1)
        }
        try require(try store.list(prefix: "absent/", continuation: nil).objects.isEmpty, "an absent prefix lists keys")
        try store.delete(["absent/a"])
        try store.delete(["absent/a", "absent/b"])
        try store.delete([])
        try requireError("an empty key", { $0.code == .invalidRequest }) { _ = try store.head("") }
    }

    /// Keys are text, not paths to be tidied up.
    public func checkOddKeys() throws {
        let keys = [
            "odd/with space", "odd/plus+plus", "odd/percent%41", "odd/a=b&c?d#e", "odd/ümläut/日本", "odd/quote'\"<x>",
            "odd/star*(1)!@$,;:~",
        ]
        for key in keys { try store.put(key, from: BytesSource(Array(key.utf8))) }
        for key in keys { try require(try store.getAll(key) == Array(key.utf8), "key \(key) came back wrong") }
        let listed = try store.listAll(prefix: "odd/").map(\.key)
        try require(Set(listed) == Set(keys), "odd keys are listed as \(listed)")
        try store.delete(keys)
        try require(try store.listAll(prefix: "odd/").isEmpty, "odd keys are left after deletion")
    }

    /// All keys of the prefix, in order, once, with sizes; nothing else.
    public func checkListing() throws {
        for index in 0..<25 { try store.put("list/p/\(100 + index)", from: BytesSource(pattern(index))) }
        try store.put("list/q", from: BytesSource([1]))
        let all = try store.listAll(prefix: "list/p/")
        let expected = (0..<25).map { ObjectListing(key: "list/p/\(100 + $0)", sizeBytes: Int64($0)) }
        try require(all == expected, "list/p/ lists \(all)")
        try require(try store.listAll(prefix: "list/p/11").count == 10, "a prefix need not end in a slash")
    }

    public func checkDeletion() throws {
        let keys = (0..<30).map { "gone/\($0)" }
        for key in keys { try store.put(key, from: BytesSource([7])) }
        try store.put("gone-not", from: BytesSource([7]))
        try store.delete(keys + ["gone/never-was"])
        try require(try store.listAll(prefix: "gone/").isEmpty, "deleted keys are still listed")
        try require(try store.head("gone-not") != nil, "a key that was not to be deleted is gone")
    }

    private func pattern(_ size: Int) -> [UInt8] {
        var state = UInt64(size) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<size).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private func require(_ isKept: @autoclosure () throws -> Bool, _ violation: @autoclosure () -> String) throws {
        guard try isKept() else { throw ContractViolation(violation()) }
    }

    private func requireError(
        _ what: String, _ isRight: (ObjectStoreError) -> Bool, _ body: () throws -> Void
    ) throws {
        do {
            try body()
        } catch let error as ObjectStoreError {
            guard isRight(error) else { throw ContractViolation("\(what) throws \(error)") }
            return
        }
        throw ContractViolation("\(what) does not throw")
    }
}

/// How often each index came.
private final class Tally: Sendable {
    private let counts: Mutex<[Int]>
    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
    func count(_ index: Int) { counts.withLock { $0[index] += 1 } }
    var isOnceEach: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } }
}
