public import ClusterMetadata
public import HTTPAPI
internal import MasterServices
internal import TabletModel

/// What a table's columns become: pure, and checked before anything is made of it.
public struct ColumnChange: Hashable, Sendable {
    public var columns: [TableColumn]
    public var nextColumnID: Int32
    /// Place of the column that chooses the bucket.
    public var distributionColumn: Int32
    /// For people.
    public var description: String
    /// False: only names change, and the tablets stay as they are.
    public var changesRows: Bool

    /// - Throws: `.invalidArgument` or `.notFound` with what is wrong.
    public init(_ request: AlterTableRequest, of table: Table) throws(MasterError) {
        guard !table.columns.isEmpty else {
            throw MasterError(
                .conflict, "the rows of table \(table.name) have fields without names",
                nextStep: "make a table with --columns and load the rows into it")
        }
        columns = table.columns
        nextColumnID = table.nextColumnID
        distributionColumn = table.distributionColumn
        description = ""
        changesRows = request.action != .renameColumn
        let key =
            table.columns.indices.contains(Int(table.distributionColumn))
            ? table.columns[Int(table.distributionColumn)].uniqueID : -1
        switch request.action {
        case .addColumn: try add(request, table)
        case .dropColumn: try drop(request, key)
        case .renameColumn: try rename(request)
        case .orderColumns: try order(request)
        }
        if let place = columns.firstIndex(where: { $0.uniqueID == key }) { distributionColumn = Int32(place) }
    }

    private mutating func add(_ request: AlterTableRequest, _ table: Table) throws(MasterError) {
        let name = try newName(request.column)
        var column = TableColumn(name: name, uniqueID: nextColumnID)
        if let type = request.type { column.type = try TableRequestCheck.columnType(type) }
        if let value = request.defaultValue {
            column.defaultValue = value
            guard !value.utf8.contains(table.delimiter), !value.utf8.contains(UInt8(ascii: "\n")),
                value.utf8.count <= Self.longestDefault
            else {
                throw Self.invalid(
                    "the default of column '\(name)' has the delimiter or a line end in it, or more than "
                        + "\(Self.longestDefault) bytes", "give another one")
            }
            guard column.type.canBe(value) else {
                throw Self.invalid("the default '\(value)' is no \(column.type)", "give a value of the column's type")
            }
        }
        let (next, isFull) = nextColumnID.addingReportingOverflow(1)
        guard !isFull, columns.count < Self.mostColumns else {
            throw Self.invalid("the table has \(columns.count) columns", "a table has at most \(Self.mostColumns)")
        }
        nextColumnID = next
        columns.insert(column, at: try place(request))
        description = "add column \(name):\(column.type)"
    }

    private static let longestDefault = 4096
    private static let mostColumns = 4096

    private func place(_ request: AlterTableRequest) throws(MasterError) -> Int {
        let isFirst = request.isFirst ?? false
        guard let after = request.after else { return isFirst ? 0 : columns.count }
        guard !isFirst else {
            throw Self.invalid("a column can't be first and after '\(after)'", "give one of the two")
        }
        return try find(after) + 1
    }

    private mutating func drop(_ request: AlterTableRequest, _ key: Int32) throws(MasterError) {
        let place = try find(request.column)
        guard columns[place].uniqueID != key else {
            throw Self.invalid(
                "column '\(columns[place].name)' chooses the bucket of a row and can't be dropped",
                "make a table that is distributed by another one")
        }
        guard columns.count > 1 else { throw Self.invalid("a table keeps at least one column", "drop the table") }
        description = "drop column \(columns[place].name)"
        columns.remove(at: place)
    }

    private mutating func rename(_ request: AlterTableRequest) throws(MasterError) {
        let place = try find(request.column)
        let name = try newName(request.newName)
        description = "rename column \(columns[place].name) to \(name)"
        columns[place].name = name
    }

    private mutating func order(_ request: AlterTableRequest) throws(MasterError) {
        let names = request.order ?? []
        guard names.count == columns.count, Set(names).count == names.count else {
            throw Self.invalid(
                "the new order names \(names.count) columns, the table has \(columns.count)",
                "name each column once: \(columns.map(\.name).joined(separator: ","))")
        }
        var ordered: [TableColumn] = []
        for name in names { ordered.append(columns[try find(name)]) }
        guard ordered != columns else { throw Self.invalid("the columns have this order already", "nothing is to do") }
        columns = ordered
        description = "order columns \(names.joined(separator: ","))"
    }

    private func find(_ name: String?) throws(MasterError) -> Int {
        guard let name else { throw Self.invalid("no column is named", "name one") }
        guard let place = columns.firstIndex(where: { $0.name == name }) else {
            throw MasterError(
                .notFound, "there is no column '\(name)'",
                nextStep: "the columns are \(columns.map(\.name).joined(separator: ", "))")
        }
        return place
    }

    private func newName(_ name: String?) throws(MasterError) -> String {
        let isName = name.map { name in
            (1...256).contains(name.utf8.count)
                && !name.unicodeScalars.contains { $0.value < 32 || $0 == "," || $0 == ":" }
        }
        guard let name, isName == true else {
            throw Self.invalid(
                "\"\(name ?? "")\" can't be the name of a column",
                "use 1 to 256 bytes without commas, colons and line ends")
        }
        guard !columns.contains(where: { $0.name == name }) else {
            throw MasterError(.alreadyExists, "there is a column '\(name)' already", nextStep: "choose another name")
        }
        return name
    }

    private static func invalid(_ message: String, _ nextStep: String) -> MasterError {
        MasterError(.invalidArgument, message, nextStep: nextStep)
    }
}

extension PrimitiveType {
    /// Whether the text is a value of this type, as far as comparisons need it.
    fileprivate func canBe(_ text: String) -> Bool {
        if text.isEmpty { return true }
        return switch self {
        case .boolean: ["true", "false", "0", "1"].contains(text.lowercased())
        case .tinyInt: Int8(text) != nil
        case .smallInt: Int16(text) != nil
        case .int: Int32(text) != nil
        case .bigInt: Int64(text) != nil
        case .largeInt: Int128(text) != nil
        case .float, .double, .decimalV2, .decimal32, .decimal64, .decimal128: Double(text)?.isFinite == true
        default: true
        }
    }
}
