/// Asks whether any of several deletes holds for the rows of a block. Used by one thread; asking allocates nothing.
///
/// Deletes that ask of one column alone become one test of that column, however many they are, so ten deletes cost little
/// more than one.
public final class RowMatcher {
    private let memory = FlatMemory()
    private let fields: BlockFields
    /// Each is a delete, or several.
    private let alone: FieldTests
    /// Deletes that ask of several columns.
    private let together: UnsafeBufferPointer<FieldTests>

    public init(_ deletes: [RowTest], delimiter: UInt8) {
        let memory = self.memory
        let ofOneColumn = Dictionary(grouping: deletes.filter { $0.tests.count == 1 }.map { $0.tests[0] }, by: \.column)
        alone = FieldTests(
            ofOneColumn.sorted { $0.key < $1.key }.map { ColumnTest.any(of: $0.value) }, memory: memory)
        together = memory.copy(
            deletes.filter { $0.tests.count > 1 }.map { FieldTests($0.tests, memory: memory) })
        let lastColumn = deletes.flatMap(\.tests).map(\.column).max() ?? 0
        fields = BlockFields(delimiter: delimiter, limit: lastColumn + 1)
    }

    /// Rows of this block come; it stays where it is until the next one begins.
    public func begin(_ block: UnsafeRawBufferPointer) { fields.begin(block) }

    /// - Parameter row: where it lies in the block, behind those that were asked about before.
    public func anyHolds(for row: Range<Int>) -> Bool {
        let fields = fields.row(row)
        if alone.anyHolds(fields) { return true }
        for index in together.indices where together[index].allHold(fields) { return true }
        return false
    }
}
