public import TabletModel

/// Why a delete can't be done as it was asked for. Nothing was made of it.
public enum ConditionError: Error, Hashable, Sendable {
    case noConditions
    case tooManyConditions(Int)
    case tooManyValues(Int)
    case tooManyBytes(Int)
    /// Nobody told what stands between two fields: the tablet is of an FE that is not ours.
    case opaqueRows
    case unknownColumn(String, known: [String])
    case notComparable(String, PrimitiveType)
    case unknownOperation(String, String)
    case valueCount(String, String, Int)
    case neitherNull(String, String)
    case noSuchValue(String, String, PrimitiveType)
    /// An empty field is null, and nothing equals null.
    case nullAsValue(String, String)
}

/// Bounds of what one delete may ask.
public enum ConditionLimits {
    public static let conditions = 64
    /// In all conditions together.
    public static let values = 10_000
    /// Of all names and values together.
    public static let bytes = 1 << 20

    static func check(_ conditions: [DeleteCondition]) throws(ConditionError) {
        guard !conditions.isEmpty else { throw .noConditions }
        guard conditions.count <= Self.conditions else { throw .tooManyConditions(conditions.count) }
        let values = conditions.reduce(0) { $0 + $1.values.count }
        guard values <= Self.values else { throw .tooManyValues(values) }
        let bytes = conditions.reduce(0) { sum, condition in
            condition.values.reduce(sum + condition.column.utf8.count + condition.operation.utf8.count) {
                $0 + $1.utf8.count
            }
        }
        guard bytes <= Self.bytes else { throw .tooManyBytes(bytes) }
    }
}

extension ConditionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noConditions: "it has no condition"
        case .tooManyConditions(let count):
            "it has \(count) conditions, at most \(ConditionLimits.conditions) are taken"
        case .tooManyValues(let count):
            "it has \(count) values, at most \(ConditionLimits.values) are taken: delete in several steps"
        case .tooManyBytes(let count):
            "its conditions have \(count) bytes, at most \(ConditionLimits.bytes) are taken: delete in several steps"
        case .opaqueRows:
            "nothing says where the fields of its rows end, so there are no columns to compare: only a tablet of a "
                + "tabletd FE, of a table with named columns, has them"
        case .unknownColumn(let name, let known):
            "there is no column \(Self.quoted(name)); the columns are \(Self.list(known))"
        case .notComparable(let name, let type): "column \(name) is of type \(type), which is not compared"
        case .unknownOperation(let name, let operation):
            "column \(name): \(Self.quoted(operation)) is no comparison; there are =, !=, <, <=, >, >=, IN (*=), "
                + "NOT IN (!*=) and IS"
        case .valueCount(let name, let operation, let count): "column \(name): \(operation) has \(count) values"
        case .neitherNull(let name, let value):
            "column \(name): IS is followed by NULL or NOT NULL, not by \(Self.quoted(value))"
        case .noSuchValue(let name, let value, let type): "column \(name): \(Self.quoted(value)) is no \(type)"
        case .nullAsValue(let name, let value):
            "column \(name): a field \(Self.quoted(value)) is null, and nothing equals null: ask IS NULL"
        }
    }

    private static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(100).map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) }
        return "'\(String(shown))\(text.unicodeScalars.count > 100 ? "…" : "")'"
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(50).joined(separator: ", ") + (names.count > 50 ? " and \(names.count - 50) more" : "")
    }
}
