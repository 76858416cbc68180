public import Platform

/// What every `KeyValueStore` does. Each check wants an opener and a path at which no store is yet.
public enum KeyValueStoreContract: String, CaseIterable, Sendable {
    case getsWhatWasPut
    case laterMutationsOfABatchWin
    case deletesKeysAndRanges
    case emptyRangesDeleteNothing
    case scansAPrefixInKeyOrder
    case scanStartsWhereItIsTold
    case scanStopsWhenTold
    case scanSeesOneSnapshot
    case scanThrowsWhatItsBodyThrows
    case lastOfAPrefix
    case keysOfAllBytes
    case survivesReopening
    case openTwiceIsLocked
    case closedStoreRefuses
    case largeValues
    case readsWithoutWriting
    case whatIsNotThereCannotBeReadOnly

    public func check(_ opener: any KeyValueStoreOpener, path: String) throws {
        let store = try opener.open(path)
        defer { store.close() }
        switch self {
        case .getsWhatWasPut:
            try requireEqual(try store.get(bytes("a")), nil, "missing key")
            try put(store, ["a": "1", "b": ""])
            try requireEqual(try store.get(bytes("a")), bytes("1"), "a")
            try requireEqual(try store.get(bytes("b")), [], "empty value")
            try put(store, ["a": "2"])
            try requireEqual(try store.get(bytes("a")), bytes("2"), "a after overwrite")
        case .laterMutationsOfABatchWin:
            var batch = WriteBatch()
            batch.put(bytes("a"), bytes("1"))
            batch.delete(bytes("a"))
            batch.put(bytes("b"), bytes("1"))
            batch.deleteRange(from: bytes("b"), to: bytes("c"))
            batch.put(bytes("b"), bytes("2"))
            try store.write(batch, sync: true)
            try requireEqual(try content(store), ["b=2"], "entries")
        case .deletesKeysAndRanges:
            try put(store, ["a": "", "b": "", "ba": "", "c": "", "d": ""])
            var batch = WriteBatch()
            batch.delete(bytes("a"))
            batch.delete(bytes("missing"))
            batch.deleteRange(from: bytes("b"), to: bytes("c"))
            try store.write(batch, sync: false)
            try requireEqual(try content(store), ["c=", "d="], "entries")
        case .emptyRangesDeleteNothing:
            try put(store, ["a": "", "b": ""])
            var batch = WriteBatch()
            batch.deleteRange(from: bytes("b"), to: bytes("a"))
            batch.deleteRange(from: bytes("a"), to: bytes("a"))
            try store.write(batch, sync: true)
            try store.write(WriteBatch(), sync: true)
            try requireEqual(try content(store), ["a=", "b="], "entries")
        case .scansAPrefixInKeyOrder:
            try put(store, ["b1": "", "a": "", "b": "", "b10": "", "b2": "", "c": ""])
            try requireEqual(try content(store, prefix: "b"), ["b=", "b1=", "b10=", "b2="], "entries of b")
            try requireEqual(try content(store, prefix: "x"), [], "entries of x")
        case .scanStartsWhereItIsTold:
            try put(store, ["a": "", "b1": "", "b2": "", "b3": "", "c": ""])
            try requireEqual(try content(store, prefix: "b", from: "b2"), ["b2=", "b3="], "from a key")
            try requireEqual(try content(store, prefix: "b", from: "b11"), ["b2=", "b3="], "from between keys")
            try requireEqual(
                try content(store, prefix: "b", from: "a"), ["b1=", "b2=", "b3="], "from before the prefix")
            try requireEqual(try content(store, prefix: "b", from: "c"), [], "from behind the prefix")
        case .scanStopsWhenTold:
            try put(store, ["a": "", "b": "", "c": ""])
            var seen = 0
            try store.scan(prefix: [], from: nil) { _, _ in
                seen += 1
                return seen < 2
            }
            try requireEqual(seen, 2, "entries seen")
        case .scanSeesOneSnapshot: try checkSnapshot(store)
        case .scanThrowsWhatItsBodyThrows:
            try put(store, ["a": ""])
            try requireThrows(Stop.self, "scan", where: { _ in true }) {
                try store.scan(prefix: [], from: nil) { _, _ in throw Stop() }
            }
            try put(store, ["b": ""])
        case .lastOfAPrefix: try checkLast(store)
        case .keysOfAllBytes: try checkBinaryKeys(store)
        case .survivesReopening:
            try put(store, ["a": "1"])
            store.close()
            let again = try opener.open(path)
            defer { again.close() }
            try requireEqual(try again.get(bytes("a")), bytes("1"), "a after reopening")
        case .openTwiceIsLocked:
            try requireThrows(KeyValueStoreError.self, "second open", where: { $0.code == .locked }) {
                _ = try opener.open(path)
            }
        case .closedStoreRefuses: try checkClosed(store)
        case .readsWithoutWriting: try checkReader(store, opener, path)
        case .whatIsNotThereCannotBeReadOnly:
            try requireThrows(KeyValueStoreError.self, "open for reading", where: { _ in true }) {
                _ = try opener.openForReading(path + "-not-there")
            }
        case .largeValues:
            let value = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            var batch = WriteBatch()
            batch.put(bytes("a"), value)
            try store.write(batch, sync: true)
            try require(try store.get(bytes("a")) == value, "a value of 3 MB came back changed")
        }
    }
}

private struct Stop: Error {}

private func checkSnapshot(_ store: any KeyValueStore) throws {
    try put(store, ["a": "1", "b": "1", "c": "1"])
    var seen: [String] = []
    try store.scan(prefix: [], from: nil) { key, value in
        if seen.isEmpty {
            var batch = WriteBatch()
            batch.put(bytes("b"), bytes("2"))
            batch.delete(bytes("c"))
            batch.put(bytes("d"), bytes("2"))
            try store.write(batch, sync: false)
            try requireEqual(try store.get(bytes("d")), bytes("2"), "a read inside a scan")
        }
        seen.append(String(decoding: key, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
        return true
    }
    try requireEqual(seen, ["a=1", "b=1", "c=1"], "entries of the snapshot")
    try requireEqual(try content(store), ["a=1", "b=2", "d=2"], "entries after")
}

private func checkLast(_ store: any KeyValueStore) throws {
    try requireEqual(try store.last(prefix: bytes("b")) == nil, true, "last of an empty store")
    try put(store, ["a1": "", "b1": "x", "b9": "y", "b99": "z", "c": ""])
    try requireEqual(try requireValue(try store.last(prefix: bytes("b")), "last of b").key, bytes("b99"), "last of b")
    try requireEqual(try requireValue(try store.last(prefix: bytes("b")), "last of b").value, bytes("z"), "its value")
    try requireEqual(try requireValue(try store.last(prefix: []), "last").key, bytes("c"), "last of all")
    try requireEqual(try store.last(prefix: bytes("bb")) == nil, true, "last of bb")
}

private func checkBinaryKeys(_ store: any KeyValueStore) throws {
    let keys: [[UInt8]] = [[0], [0, 0], [0x7F], [0x80], [0xFF], [0xFF, 0], [0xFF, 0xFF], [0xFF, 0xFF, 0xFF]]
    var batch = WriteBatch()
    for key in keys.reversed() { batch.put(key, key) }
    try store.write(batch, sync: false)
    var seen: [[UInt8]] = []
    try store.scan(prefix: [], from: nil) { key, value in
        try require(Array(key) == Array(value), "value of \(Array(key))")
        seen.append(Array(key))
        return true
    }
    try requireEqual(seen, keys, "keys in unsigned byte order")
    try requireEqual(try store.last(prefix: [0xFF, 0xFF])?.key, [0xFF, 0xFF, 0xFF], "last of a prefix of 0xFF")
    try requireEqual(try store.last(prefix: [0])?.key, [0, 0], "last of a prefix of 0")
}

private func checkClosed(_ store: any KeyValueStore) throws {
    store.close()
    store.close()
    func refuses(_ what: String, _ body: () throws -> Void) throws {
        try requireThrows(KeyValueStoreError.self, what, where: { $0.code == .closed }, body)
    }
    try refuses("get") { _ = try store.get([1]) }
    try refuses("write") {
        var batch = WriteBatch()
        batch.put([1], [1])
        try store.write(batch, sync: true)
    }
    try refuses("scan") { try store.scan(prefix: [], from: nil) { _, _ in true } }
    try refuses("last") { _ = try store.last(prefix: []) }
}

private func checkReader(_ store: any KeyValueStore, _ opener: any KeyValueStoreOpener, _ path: String) throws {
    try put(store, ["a": "1", "b": "2"])
    store.close()
    let reader = try opener.openForReading(path)
    defer { reader.close() }
    try requireEqual(try content(reader), ["a=1", "b=2"], "entries of the reader")
    try requireThrows(
        KeyValueStoreError.self, "write to a reader", where: { $0.outcome == .refused && $0.code != .closed }
    ) {
        try put(reader, ["c": "3"])
    }
    reader.close()
    try requireThrows(KeyValueStoreError.self, "get of a closed reader", where: { $0.code == .closed }) {
        _ = try reader.get(bytes("a"))
    }
    let again = try opener.open(path)
    defer { again.close() }
    try put(again, ["c": "3"])
    try requireEqual(try content(again), ["a=1", "b=2", "c=3"], "entries afterwards")
}

private func put(_ store: any KeyValueStore, _ entries: [String: String]) throws {
    var batch = WriteBatch()
    for (key, value) in entries { batch.put(bytes(key), bytes(value)) }
    try store.write(batch, sync: true)
}

private func content(_ store: any KeyValueStore, prefix: String = "", from start: String? = nil) throws -> [String] {
    var found: [String] = []
    try store.scan(prefix: bytes(prefix), from: start.map(bytes)) { key, value in
        found.append(String(decoding: key, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
        return true
    }
    return found
}
