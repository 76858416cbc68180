/// One condition, ready to be asked of a row's fields.
public struct ColumnTest: Hashable, Sendable {
    enum Relation: Hashable, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

        @inline(__always)
        func holds(_ order: Int) -> Bool {
            switch self {
            case .equal: order == 0
            case .notEqual: order != 0
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            case .greaterOrEqual: order >= 0
            }
        }
    }

    enum Question: Hashable, Sendable {
        case isNull
        case isNotNull
        case key(Relation, FieldKey)
        case keys(Set<FieldKey>, isIn: Bool)
        case text(Relation, [UInt8])
        case texts(TextSet, isIn: Bool)
    }

    /// Place of the field in a row.
    public let column: Int
    let kind: FieldKind
    let question: Question

    /// Whether the condition holds. As in SQL nothing holds for null but IS NULL, and nothing at all for a field that can't
    /// be read as the column's type.
    ///
    /// - Parameters:
    ///   - field: nil when the row has too few.
    ///   - reading: the field's key, kept for the other tests of the same field.
    public func holds(_ field: UnsafeRawBufferPointer?, _ reading: inout FieldReading) -> Bool {
        guard let field, !RowConditions.isNull(field) else { return question == .isNull }
        switch question {
        case .isNull: return false
        case .isNotNull: return kind == .text || reading.key(of: field, kind) != nil
        case .key(let relation, let wanted):
            guard let key = reading.key(of: field, kind) else { return false }
            return relation.holds(key < wanted ? -1 : key == wanted ? 0 : 1)
        case .keys(let keys, let isIn):
            guard let key = reading.key(of: field, kind) else { return false }
            return keys.contains(key) == isIn
        case .text(let relation, let text): return relation.holds(compare(field, text))
        case .texts(let texts, let isIn): return texts.contains(field) == isIn
        }
    }
}

/// What a column's type made of a field, read at most once a row.
public struct FieldReading: Sendable {
    private enum State: Sendable {
        case unread
        case unreadable
        case key(FieldKey)
    }

    private var state = State.unread

    public init() {}

    /// The next row's field comes.
    public mutating func reset() { state = .unread }

    mutating func key(of field: UnsafeRawBufferPointer, _ kind: FieldKind) -> FieldKey? {
        switch state {
        case .key(let key): return key
        case .unreadable: return nil
        case .unread:
            let key = kind.key(of: field)
            state = key.map { .key($0) } ?? .unreadable
            return key
        }
    }
}
