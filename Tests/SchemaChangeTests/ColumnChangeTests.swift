import ClusterMetadata
import HTTPAPI
import MasterServices
import TabletModel
import Testing

@testable import SchemaChange

@Suite struct ColumnChangeTests {
    private static let table: Table = {
        var table = Table(
            id: 1, databaseID: 2, name: "t", state: .normal, delimiter: UInt8(ascii: ","), hasHeader: false,
            columns: TableColumn.text(["a", "b", "c"]), distributionColumn: 1, bucketCount: 1, replicationCount: 1,
            createdAt: UnixTime(seconds: 1), partitions: [])
        table.nextColumnID = 9
        return table
    }()

    private func names(_ request: AlterTableRequest) throws -> [String] {
        try ColumnChange(request, of: Self.table).columns.map(\.name)
    }

    @Test func placesOfANewColumn() throws {
        #expect(try names(.init(action: .addColumn, column: "d")) == ["a", "b", "c", "d"])
        #expect(try names(.init(action: .addColumn, column: "d", isFirst: true)) == ["d", "a", "b", "c"])
        #expect(try names(.init(action: .addColumn, column: "城市", after: "a")) == ["a", "城市", "b", "c"])
    }

    @Test func anIDIsNeverGivenTwiceAndTheKeyMovesAlong() throws {
        let change = try ColumnChange(
            .init(action: .addColumn, column: "d", type: "INT", defaultValue: "-3", isFirst: true), of: Self.table)
        #expect(change.columns[0].uniqueID == 9)
        #expect(change.nextColumnID == 10)
        #expect(change.distributionColumn == 2)
        #expect(try ColumnChange(.init(action: .dropColumn, column: "a"), of: Self.table).distributionColumn == 0)
        let ordered = try ColumnChange(.init(action: .orderColumns, order: ["b", "c", "a"]), of: Self.table)
        #expect(ordered.distributionColumn == 0)
        #expect(ordered.columns.map(\.uniqueID) == [1, 2, 0])
    }

    @Test(arguments: [
        AlterTableRequest(action: .addColumn), .init(action: .addColumn, column: ""),
        .init(action: .addColumn, column: "a"), .init(action: .addColumn, column: "x,y"),
        .init(action: .addColumn, column: "x\ny"), .init(action: .addColumn, column: "x:INT"),
        .init(action: .addColumn, column: String(repeating: "x", count: 257)),
        .init(action: .addColumn, column: "d", type: "BITMAP"),
        .init(action: .addColumn, column: "d", defaultValue: "a,b"),
        .init(action: .addColumn, column: "d", defaultValue: "a\nb"),
        .init(action: .addColumn, column: "d", type: "TINYINT", defaultValue: "300"),
        .init(action: .addColumn, column: "d", type: "DOUBLE", defaultValue: "much"),
        .init(action: .addColumn, column: "d", defaultValue: String(repeating: "x", count: 5000)),
        .init(action: .addColumn, column: "d", after: "nowhere"),
        .init(action: .addColumn, column: "d", after: "a", isFirst: true),
        .init(action: .dropColumn, column: "b"), .init(action: .dropColumn, column: "nowhere"),
        .init(action: .dropColumn), .init(action: .renameColumn, column: "a", newName: "b"),
        .init(action: .renameColumn, column: "a"), .init(action: .renameColumn, column: "x", newName: "y"),
        .init(action: .orderColumns), .init(action: .orderColumns, order: ["a", "b"]),
        .init(action: .orderColumns, order: ["a", "b", "b"]), .init(action: .orderColumns, order: ["a", "b", "x"]),
        .init(action: .orderColumns, order: ["a", "b", "c"]),
    ]) func whatCanNotBeIsRefused(request: AlterTableRequest) {
        #expect(throws: MasterError.self) { try ColumnChange(request, of: Self.table) }
    }

    @Test func rowsWithoutNamesAreLeftAlone() {
        var table = Self.table
        table.columns = []
        #expect(throws: MasterError.self) { try ColumnChange(.init(action: .addColumn, column: "d"), of: table) }
    }

    @Test func theLastColumnStays() {
        var table = Self.table
        table.columns = TableColumn.text(["only"])
        #expect(throws: MasterError.self) { try ColumnChange(.init(action: .dropColumn, column: "only"), of: table) }
    }
}
