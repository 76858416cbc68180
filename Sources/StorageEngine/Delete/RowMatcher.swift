internal import RowConditions

/// Asks whether any of several deletes holds for a row. Used by one thread; asking allocates nothing.
struct RowMatcher {
    private struct Test {
        var test: ColumnTest
        /// Place in `readings`.
        var reading: Int
    }

    /// One array a delete: all of its tests must hold.
    private let deletes: [[Test]]
    /// Of each column that some test asks for.
    private var readings: [FieldReading]
    private var fields: RowFields
    /// Fields beyond are not looked for.
    private let fieldLimit: Int

    init(_ rows: [RowTest], delimiter: UInt8) {
        let united = RowTest.united(rows)
        let columns = Set(united.flatMap { $0.tests.map(\.column) }).sorted()
        deletes = united.map { row in
            row.tests.map { test in Test(test: test, reading: columns.firstIndex(of: test.column) ?? 0) }
        }
        readings = columns.map { _ in FieldReading() }
        fieldLimit = (columns.last ?? 0) + 1
        fields = RowFields(delimiter: delimiter)
    }

    mutating func anyHolds(for row: UnsafeRawBufferPointer) -> Bool {
        fields.split(row, limit: fieldLimit)
        for index in readings.indices { readings[index].reset() }
        for tests in deletes {
            var holds = true
            for test in tests where holds {
                holds = test.test.holds(fields.field(test.test.column, of: row), &readings[test.reading])
            }
            if holds { return true }
        }
        return false
    }
}
