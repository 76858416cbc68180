internal import TabletModel

/// Where the fields of a row in new columns come from. Pure; worked out once for many rows.
///
/// A field is what stands between two delimiters, as it is: nothing is parsed, quoted or converted. A row with fewer fields
/// than columns has empty ones at its end. What stands behind the last column's field belongs to no column and stays at the
/// row's end.
struct ReshapePlan: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        /// These fields of the old row, with the delimiters between them.
        case fields(Range<Int>)
        case text([UInt8])
    }

    let delimiter: UInt8
    /// Columns of the old row.
    let fieldCount: Int
    /// Of the new row, a delimiter between each two.
    let pieces: [Piece]

    /// Rows stay as they are.
    var isIdentity: Bool { pieces == [.fields(0..<fieldCount)] }

    /// A column comes from the one that `sources` names, else from the one with its unique id when both sides have ids, else
    /// from the one with its name; else it is new, and has its default.
    ///
    /// - Parameters:
    ///   - tablet: the one that gets the rows, for errors.
    ///   - old: columns of the rows that there are.
    /// - Throws: `.notImplemented` for an expression; `.invalidArgument` for rows without a delimiter, a column that is there
    ///   twice, an origin that is not there, a type that the text can't be taken over into, a default that would break rows.
    init(
        tablet: TabletID, from old: [TabletSchema.Column], to new: TabletSchema,
        sources: [AlterRequest.ColumnSource] = []
    ) throws(EngineError) {
        guard let delimiter = new.delimiter else {
            throw .invalidArgument(
                "tablet \(tablet) has no delimiter in its schema, so its rows are opaque here and have no columns to change"
            )
        }
        let names = try NamedColumns(tablet, old, new, sources)
        var pieces: [Piece] = []
        for column in new.columns {
            guard let place = try names.origin(of: column) else {
                pieces.append(.text(try Self.text(of: column, delimiter, tablet)))
                continue
            }
            try Self.checkType(of: column, from: old[place], tablet)
            if case .fields(let before)? = pieces.last, before.upperBound == place {
                pieces[pieces.count - 1] = .fields(before.lowerBound..<(place + 1))
            } else {
                pieces.append(.fields(place..<(place + 1)))
            }
        }
        self.delimiter = delimiter
        self.fieldCount = old.count
        self.pieces = pieces
    }

    private static func text(
        of column: TabletSchema.Column, _ delimiter: UInt8, _ tablet: TabletID
    ) throws(EngineError) -> [UInt8] {
        let text = Array((column.defaultValue ?? "").utf8)
        guard !text.contains(delimiter), !text.contains(UInt8(ascii: "\n")) else {
            throw .invalidArgument(
                "tablet \(tablet): the default of column '\(column.name)' has a delimiter or a line end in it")
        }
        return text
    }

    /// The text of a field stays; so its column may only become one that can hold the same text.
    private static func checkType(
        of column: TabletSchema.Column, from old: TabletSchema.Column, _ tablet: TabletID
    ) throws(EngineError) {
        guard old.type != column.type || !fits(old.length, column.length) else { return }
        let isWidened = old.type.widerTypes.contains(column.type) && fits(old.length, column.length)
        guard isWidened else {
            throw .invalidArgument(
                "tablet \(tablet): column '\(column.name)' can't become \(column.type)\(length(column)) from "
                    + "\(old.type)\(length(old)): only a type that holds the same text is taken")
        }
    }

    private static func fits(_ old: Int32?, _ new: Int32?) -> Bool {
        guard let new, new > 0 else { return true }
        return (old ?? 0) > 0 && old! <= new
    }

    private static func length(_ column: TabletSchema.Column) -> String { column.length.map { "(\($0))" } ?? "" }
}

extension PrimitiveType {
    /// Types whose values can be every text that values of this one are.
    fileprivate var widerTypes: [PrimitiveType] {
        let texts: [PrimitiveType] = [.varchar, .string]
        let integers: [PrimitiveType] = [.tinyInt, .smallInt, .int, .bigInt, .largeInt]
        if let place = integers.firstIndex(of: self) { return integers[(place + 1)...] + texts }
        return switch self {
        case .float: [.double] + texts
        case .date: [.dateV2] + texts
        case .dateTime: [.dateTimeV2] + texts
        case .char: texts
        case .varchar: [.string]
        case .string: [.varchar]
        default: texts
        }
    }
}

/// Finds columns by what names them.
private struct NamedColumns {
    let tablet: TabletID
    let byName: [String: Int]
    let byID: [Int32: Int]
    let origins: [String: String]

    init(
        _ tablet: TabletID, _ old: [TabletSchema.Column], _ new: TabletSchema, _ sources: [AlterRequest.ColumnSource]
    ) throws(EngineError) {
        self.tablet = tablet
        guard !old.isEmpty, !new.columns.isEmpty else {
            throw .invalidArgument("tablet \(tablet): a row without columns can't be made or read")
        }
        (byName, byID) = try Self.places(old, "the base's columns", tablet)
        let (newNames, _) = try Self.places(new.columns, "the new columns", tablet)
        var origins: [String: String] = [:]
        for source in sources {
            guard !source.hasExpression else {
                throw .notImplemented("column '\(source.column)' of tablet \(tablet) by an expression")
            }
            guard newNames[source.column] != nil else {
                throw .invalidArgument("tablet \(tablet) gets no column '\(source.column)', which the task computes")
            }
            guard origins[source.column] == nil else {
                throw .invalidArgument("tablet \(tablet): column '\(source.column)' has two origins")
            }
            origins[source.column] = source.originColumn ?? source.column
        }
        self.origins = origins
    }

    private static func places(
        _ columns: [TabletSchema.Column], _ what: String, _ tablet: TabletID
    ) throws(EngineError) -> (byName: [String: Int], byID: [Int32: Int]) {
        var (byName, byID): ([String: Int], [Int32: Int]) = ([:], [:])
        for (place, column) in columns.enumerated() {
            guard byName.updateValue(place, forKey: column.name) == nil else {
                throw .invalidArgument("tablet \(tablet): \(what) have '\(column.name)' twice")
            }
            guard column.uniqueID >= 0 else { continue }
            guard byID.updateValue(place, forKey: column.uniqueID) == nil else {
                throw .invalidArgument("tablet \(tablet): \(what) have unique id \(column.uniqueID) twice")
            }
        }
        return (byName, byID)
    }

    /// nil: it is new.
    func origin(of column: TabletSchema.Column) throws(EngineError) -> Int? {
        if let name = origins[column.name] {
            guard let place = byName[name] else {
                throw .invalidArgument(
                    "tablet \(tablet): column '\(column.name)' is to come from '\(name)', which the base has not")
            }
            return place
        }
        // By name only where ids say nothing: a dropped column's name may come back for another.
        return column.uniqueID >= 0 && !byID.isEmpty ? byID[column.uniqueID] : byName[column.name]
    }
}
