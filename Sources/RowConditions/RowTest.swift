public import TabletModel

/// Conditions that must all hold for a row, checked against the columns of its tablet. `RowMatcher` asks them.
public struct RowTest: Hashable, Sendable {
    /// One a column, by column; at least one.
    let tests: [ColumnTest]

    /// - Throws: what is wrong with a condition: an unknown column, one whose type can't be compared, an unknown operation, a
    ///   value that the column's type can't hold, too many of either.
    public init(_ conditions: [DeleteCondition], schema: TabletSchema) throws(ConditionError) {
        try ConditionLimits.check(conditions)
        guard schema.delimiter != nil else { throw .opaqueRows }
        var tests: [Int: [ColumnTest]] = [:]
        for condition in conditions {
            let test = try ColumnTest(condition, schema: schema)
            tests[test.column, default: []].append(test)
        }
        self.tests = tests.values.map { ColumnTest.all(of: $0) }.sorted { $0.column < $1.column }
    }
}

extension ColumnTest {
    fileprivate init(_ condition: DeleteCondition, schema: TabletSchema) throws(ConditionError) {
        guard let place = schema.place(of: condition) else {
            throw .unknownColumn(condition.column, known: schema.columns.map(\.name))
        }
        let column = schema.columns[place]
        guard let kind = FieldKind(column.type) else { throw .notComparable(column.name, column.type) }
        let values: Values
        let holdsForNull: Bool
        if kind == .text {
            let asked = try Asked<TextKey>(condition, column) { value throws(ConditionError) in
                try Self.text(value, column)
            }
            (values, holdsForNull) = (.texts(asked.values), asked.null)
        } else {
            let asked = try Asked<FieldKey>(condition, column) { value throws(ConditionError) in
                try Self.key(value, column, kind)
            }
            (values, holdsForNull) = (.keys(asked.values), asked.null)
        }
        self.init(column: place, kind: kind, holdsForNull: holdsForNull, values: values)
    }

    private static func key(
        _ value: String, _ column: TabletSchema.Column, _ kind: FieldKind
    ) throws(ConditionError) -> FieldKey {
        var value = value
        guard let key = value.withUTF8({ kind.key(of: UnsafeRawBufferPointer($0)) }) else {
            throw .noSuchValue(column.name, value, column.type)
        }
        return key
    }

    private static func text(_ value: String, _ column: TabletSchema.Column) throws(ConditionError) -> TextKey {
        let bytes = Array(value.utf8)
        guard !bytes.withUnsafeBytes({ isNull($0) }) else { throw .nullAsValue(column.name, value) }
        return TextKey(bytes)
    }
}

/// The values that one condition holds for, whatever they are.
private struct Asked<Edge: IntervalEdge> {
    var values: Intervals<Edge>
    /// It holds for null.
    var null = false

    init(
        _ condition: DeleteCondition, _ column: TabletSchema.Column,
        _ read: (String) throws(ConditionError) -> Edge
    ) throws(ConditionError) {
        func one() throws(ConditionError) -> Edge {
            guard condition.values.count == 1 else { throw Self.wrongCount(condition, column) }
            return try read(condition.values[0])
        }
        func many() throws(ConditionError) -> Intervals<Edge> {
            guard 1...ConditionLimits.values ~= condition.values.count else { throw Self.wrongCount(condition, column) }
            var values: [Edge] = []
            values.reserveCapacity(condition.values.count)
            for value in condition.values { values.append(try read(value)) }
            return Intervals(values)
        }
        switch condition.operation.uppercased() {
        case "=", "==": values = Intervals(try one())
        case "!=", "<>": values = Intervals(try one()).complement
        case "<": values = Intervals(below: try one())
        case "<=": values = Intervals(below: try one().next)
        case ">": values = Intervals(from: try one().next)
        case ">=": values = Intervals(from: try one())
        case "*=", "IN": values = try many()
        case "!*=", "NOT IN": values = try many().complement
        case "IS":
            guard condition.values.count == 1 else { throw Self.wrongCount(condition, column) }
            switch condition.values[0].uppercased() {
            case "NULL": (values, null) = (.none, true)
            case "NOT NULL": values = .all
            default: throw .neitherNull(column.name, condition.values[0])
            }
        default: throw .unknownOperation(column.name, condition.operation)
        }
    }

    private static func wrongCount(_ condition: DeleteCondition, _ column: TabletSchema.Column) -> ConditionError {
        .valueCount(column.name, condition.operation, condition.values.count)
    }
}

extension TabletSchema {
    /// By the id that stays with a renamed column, where both sides have one; by name otherwise.
    fileprivate func place(of condition: DeleteCondition) -> Int? {
        if let id = condition.columnUniqueID, id >= 0,
            let place = columns.firstIndex(where: { $0.uniqueID == id })
        {
            return place
        }
        return columns.firstIndex { $0.name == condition.column }
    }
}
