internal import CThrift
internal import TabletModel

/// UTF-8 to C++; interior zero bytes are kept.
func text(_ string: String) -> wire.Text {
    var string = string
    return string.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { wire.makeText($0.baseAddress, $0.count) }
    }
}

/// Bytes that are not UTF-8 come out repaired: they are shown to people or compared, never sent on as they were.
func string(_ text: borrowing wire.Text) -> String { withBytes(text) { String(decoding: $0, as: UTF8.self) } }

func text(_ bytes: UnsafeRawBufferPointer) -> wire.Text {
    wire.makeText(bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
}

/// What is in it, byte by byte; valid during the call only.
func withBytes<R, Failure: Error>(
    _ text: borrowing wire.Text, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
) throws(Failure) -> R {
    try body(UnsafeRawBufferPointer(start: wire.bytesOf(text), count: Int(text.size())))
}

func textList(_ strings: [String]) -> wire.TextList {
    var list = wire.TextList()
    list.reserve(strings.count)
    for each in strings { list.push_back(text(each)) }
    return list
}

func strings(_ list: wire.TextList) -> [String] { list.map { string($0) } }

func longList(_ ids: some Sequence<some Identifier>) -> wire.LongList {
    var list = wire.LongList()
    for id in ids { list.push_back(Int(id.rawValue)) }
    return list
}

func longPairs<Key: Identifier, Value: RawRepresentable<Int64>>(_ map: borrowing wire.LongMap) -> [Key: Value] {
    var pairs: [Key: Value] = [:]
    for pair in wire.pairsOf(map) { pairs[Key(rawValue: pair.key)] = Value(rawValue: pair.value) }
    return pairs
}

func textPairs(_ map: borrowing wire.TextMap) -> [String: String] {
    var pairs: [String: String] = [:]
    for pair in wire.pairsOf(map) { pairs[string(pair.key)] = string(pair.value) }
    return pairs
}

func identifiers<ID: Identifier>(_ list: wire.LongList) -> [ID] { list.map { ID(rawValue: Int64($0)) } }

extension Duration {
    /// Whole milliseconds, at least 1 for what is more than nothing.
    var milliseconds: Int64 { self > .zero ? max(1, wholeMilliseconds) : 0 }
}
