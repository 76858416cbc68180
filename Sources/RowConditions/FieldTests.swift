internal import TabletModel

/// Some `ColumnTest`s, laid out to be asked of many rows: no allocation, no reference to count, each kind in a loop of its own.
struct FieldTests: BitwiseCopyable {
    private let narrow: UnsafeBufferPointer<NarrowTest>
    private let texts: UnsafeBufferPointer<TextTest>
    private let wide: UnsafeBufferPointer<WideTest>

    init(_ tests: [ColumnTest], memory: FlatMemory) {
        var (narrow, wide, texts): ([NarrowTest], [WideTest], [TextTest]) = ([], [], [])
        for test in tests {
            switch test.values {
            case .keys(let set) where test.kind.isNarrow: narrow.append(NarrowTest(test, set, memory: memory))
            case .keys(let set): wide.append(WideTest(test, set, memory: memory))
            case .texts(let set): texts.append(TextTest(test, set, memory: memory))
            }
        }
        (self.narrow, self.wide, self.texts) = (memory.copy(narrow), memory.copy(wide), memory.copy(texts))
    }

    @inline(__always)
    func anyHolds(_ fields: RowFields) -> Bool {
        for index in narrow.indices where narrow[index].holds(fields) { return true }
        for index in texts.indices where texts[index].holds(fields) { return true }
        for index in wide.indices where wide[index].holds(fields) { return true }
        return false
    }

    @inline(__always)
    func allHold(_ fields: RowFields) -> Bool {
        for index in narrow.indices where !narrow[index].holds(fields) { return false }
        for index in texts.indices where !texts[index].holds(fields) { return false }
        for index in wide.indices where !wide[index].holds(fields) { return false }
        return true
    }
}

private protocol FieldTest {
    var column: Int { get }
    var holdsForNull: Bool { get }
    /// - Parameter field: not null.
    func contains(_ field: RowField) -> Bool
}

extension FieldTest {
    @inline(__always)
    fileprivate func holds(_ fields: RowFields) -> Bool {
        guard let field = fields.field(column), !isNull(field.bytes) else { return holdsForNull }
        return contains(field)
    }
}

/// Of a column whose keys are whole numbers of 64 bits.
private struct NarrowTest: FieldTest, BitwiseCopyable {
    let column: Int
    let holdsForNull: Bool
    private let kind: FieldKind
    private let edges: UnsafeBufferPointer<Int64>

    init(_ test: ColumnTest, _ set: Intervals<FieldKey>, memory: FlatMemory) {
        (column, kind, holdsForNull) = (test.column, test.kind, test.holdsForNull)
        edges = memory.copy(set.edges.compactMap(\.ceiling))
    }

    @inline(__always)
    func contains(_ field: RowField) -> Bool {
        guard let key = kind.narrowKey(of: field) else { return false }
        guard edges.count <= 16 else { return edges.partitionPoint { $0 <= key } % 2 == 1 }
        // Counting all of a few is quicker than looking for the right one: nothing has to be guessed.
        var below = 0
        for edge in edges { below &+= edge <= key ? 1 : 0 }
        return below & 1 == 1
    }
}

private struct WideTest: FieldTest, BitwiseCopyable {
    let column: Int
    let holdsForNull: Bool
    private let kind: FieldKind
    private let edges: UnsafeBufferPointer<FieldKey>

    init(_ test: ColumnTest, _ set: Intervals<FieldKey>, memory: FlatMemory) {
        (column, kind, holdsForNull) = (test.column, test.kind, test.holdsForNull)
        edges = memory.copy(set.edges)
    }

    func contains(_ field: RowField) -> Bool {
        guard let key = kind.key(of: field.bytes) else { return false }
        return edges.partitionPoint { $0 <= key } % 2 == 1
    }
}

private struct TextTest: FieldTest, BitwiseCopyable {
    let column: Int
    let holdsForNull: Bool
    private let texts: TextTable

    init(_ test: ColumnTest, _ set: Intervals<TextKey>, memory: FlatMemory) {
        (column, holdsForNull) = (test.column, test.holdsForNull)
        texts = TextTable(set, memory: memory)
    }

    @inline(__always)
    func contains(_ field: RowField) -> Bool { texts.contains(field.bytes) }
}
