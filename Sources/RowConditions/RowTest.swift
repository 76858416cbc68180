public import TabletModel

/// Conditions that must all hold for a row, checked against the columns of its tablet and ready to be asked.
public struct RowTest: Hashable, Sendable {
    /// At least one.
    public let tests: [ColumnTest]

    /// - Throws: what is wrong with a condition: an unknown column, one whose type can't be compared, an unknown operation, a
    ///   value that the column's type can't hold, too many of either.
    public init(_ conditions: [DeleteCondition], schema: TabletSchema) throws(ConditionError) {
        try ConditionLimits.check(conditions)
        guard schema.delimiter != nil else { throw .opaqueRows }
        var tests: [ColumnTest] = []
        for condition in conditions {
            let test = try ColumnTest(condition, schema: schema)
            if !tests.contains(test) { tests.append(test) }
        }
        self.tests = tests
    }

    private init(_ test: ColumnTest) { tests = [test] }

    /// Tests that hold for the same rows as one of these does, and are quicker to ask: those for one value of one column
    /// become one for a set of values.
    public static func united(_ all: [RowTest]) -> [RowTest] {
        var texts: [Int: [[UInt8]]] = [:]
        var keys: [Int: (kind: FieldKind, keys: Set<FieldKey>)] = [:]
        var others: [RowTest] = []
        for row in all {
            let test = row.tests[0]
            guard row.tests.count == 1 else {
                others.append(row)
                continue
            }
            switch test.question {
            case .text(.equal, let text): texts[test.column, default: []].append(text)
            case .key(.equal, let key): keys[test.column, default: (test.kind, [])].keys.insert(key)
            default: others.append(row)
            }
        }
        let sets =
            texts.map { ColumnTest(column: $0, kind: .text, question: .texts(TextSet($1), isIn: true)) }
            + keys.map { ColumnTest(column: $0, kind: $1.kind, question: .keys($1.keys, isIn: true)) }
        return sets.sorted { $0.column < $1.column }.map { RowTest($0) } + others
    }
}

extension ColumnTest {
    fileprivate init(_ condition: DeleteCondition, schema: TabletSchema) throws(ConditionError) {
        guard let place = schema.place(of: condition) else {
            throw .unknownColumn(condition.column, known: schema.columns.map(\.name))
        }
        let column = schema.columns[place]
        guard let kind = FieldKind(column.type) else { throw .notComparable(column.name, column.type) }
        func values(_ counts: ClosedRange<Int>) throws(ConditionError) -> [String] {
            guard counts.contains(condition.values.count) else {
                throw .valueCount(column.name, condition.operation, condition.values.count)
            }
            return condition.values
        }
        func one(_ relation: Relation) throws(ConditionError) -> Question {
            let value = try values(1...1)[0]
            return kind == .text
                ? .text(relation, try Self.text(value, column)) : .key(relation, try Self.key(value, column, kind))
        }
        func many(isIn: Bool) throws(ConditionError) -> Question {
            let values = try values(1...ConditionLimits.values)
            if kind == .text {
                var texts: [[UInt8]] = []
                texts.reserveCapacity(values.count)
                for value in values { texts.append(try Self.text(value, column)) }
                return .texts(TextSet(texts), isIn: isIn)
            }
            var keys: Set<FieldKey> = []
            for value in values { keys.insert(try Self.key(value, column, kind)) }
            return .keys(keys, isIn: isIn)
        }
        let question: Question
        switch condition.operation.uppercased() {
        case "=", "==": question = try one(.equal)
        case "!=", "<>": question = try one(.notEqual)
        case "<": question = try one(.less)
        case "<=": question = try one(.lessOrEqual)
        case ">": question = try one(.greater)
        case ">=": question = try one(.greaterOrEqual)
        case "*=", "IN": question = try many(isIn: true)
        case "!*=", "NOT IN": question = try many(isIn: false)
        case "IS":
            switch try values(1...1)[0].uppercased() {
            case "NULL": question = .isNull
            case "NOT NULL": question = .isNotNull
            default: throw .neitherNull(column.name, condition.values[0])
            }
        default: throw .unknownOperation(column.name, condition.operation)
        }
        self.init(column: place, kind: kind, question: question)
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

    private static func text(_ value: String, _ column: TabletSchema.Column) throws(ConditionError) -> [UInt8] {
        let bytes = Array(value.utf8)
        guard !bytes.withUnsafeBytes({ isNull($0) }) else { throw .nullAsValue(column.name, value) }
        return bytes
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
