/// What is asked of one column: for which of its values, and whether for null.
///
/// As in SQL nothing holds for null but IS NULL. Nothing at all holds for a field that can't be read as the column's type.
struct ColumnTest: Hashable, Sendable {
    enum Values: Hashable, Sendable {
        case keys(Intervals<FieldKey>)
        case texts(Intervals<TextKey>)
    }

    /// Place of the field in a row.
    let column: Int
    let kind: FieldKind
    let holdsForNull: Bool
    let values: Values

    /// What all of some tests of one column hold for.
    static func all(of tests: [ColumnTest]) -> ColumnTest {
        combined(tests, holdsForNull: tests.allSatisfy(\.holdsForNull), Intervals.intersection, Intervals.intersection)
    }

    /// What at least one of some tests of one column holds for.
    static func any(of tests: [ColumnTest]) -> ColumnTest {
        combined(tests, holdsForNull: tests.contains(where: \.holdsForNull), Intervals.union, Intervals.union)
    }

    private static func combined(
        _ tests: [ColumnTest], holdsForNull: Bool, _ keys: ([Intervals<FieldKey>]) -> Intervals<FieldKey>,
        _ texts: ([Intervals<TextKey>]) -> Intervals<TextKey>
    ) -> ColumnTest {
        let first = tests[0]
        let values: Values =
            switch first.values {
            case .keys: .keys(keys(tests.compactMap { if case .keys(let set) = $0.values { set } else { nil } }))
            case .texts: .texts(texts(tests.compactMap { if case .texts(let set) = $0.values { set } else { nil } }))
            }
        return ColumnTest(column: first.column, kind: first.kind, holdsForNull: holdsForNull, values: values)
    }
}
