import RowConditions
import TabletModel
import Testing

@testable import StorageEngine

@Suite("What reads found out of deleted rows") struct GoneRowsTests {
    private func test(_ value: Int) throws -> RowTest {
        let schema = TabletSchema(
            schemaHash: 7,
            columns: [.init(name: "k", type: .int, isKey: true, isNullable: false, uniqueID: 0)],
            delimiter: UInt8(ascii: ","))
        return try RowTest([DeleteCondition(column: "k", operation: "=", values: ["\(value)"])], schema: schema)
    }

    private func id(_ number: UInt64) -> RowsetID { RowsetID(high: 0, middle: 0, low: number) }

    private func mask(_ rows: Int...) -> RowMask {
        var mask = RowMask(rowCount: 200)
        for row in rows { mask.insert(row) }
        return mask
    }

    private func rows(_ finding: GoneRows.Finding) -> [Int]? {
        switch finding {
        case .unknown: nil
        case .none: []
        case .some(let mask): (0..<200).filter { mask.contains($0) }
        }
    }

    @Test func eachBlockIsRemembered() throws {
        let cache = GoneRowsCache(limit: 1 << 20)
        let gone = cache.rows(of: id(5), tablet: 1, deletes: [try test(1)])
        cache.learn(mask(0, 63, 64, 199), of: gone, id(5), tablet: 1, segment: 1, block: 3)
        cache.learn(nil, of: gone, id(5), tablet: 1, segment: 0, block: 0)
        #expect(rows(gone[1, 3]) == [0, 63, 64, 199] && rows(gone[0, 0]) == [])
        #expect(rows(gone[1, 2]) == nil && rows(gone[1, 4]) == nil && rows(gone[2, 0]) == nil)
        #expect(cache.rows(of: id(5), tablet: 1, deletes: [try test(1)]) === gone)
        #expect(mask(0, 63, 64, 199).count == 4)
    }

    @Test func otherDeletesFindNothingKnown() throws {
        let cache = GoneRowsCache(limit: 1 << 20)
        let gone = cache.rows(of: id(5), tablet: 1, deletes: [try test(1)])
        cache.learn(mask(1), of: gone, id(5), tablet: 1, segment: 0, block: 0)
        let more = cache.rows(of: id(5), tablet: 1, deletes: [try test(1), try test(2)])
        #expect(rows(more[0, 0]) == nil && cache.bytes == 0)
        #expect(rows(cache.rows(of: id(5), tablet: 2, deletes: [try test(1)])[0, 0]) == nil)
        // Who still reads under the old ones keeps what it knows, and adds nothing to what is kept.
        cache.learn(nil, of: gone, id(5), tablet: 1, segment: 0, block: 1)
        #expect(rows(gone[0, 0]) == [1] && rows(gone[0, 1]) == [] && cache.bytes == 0)
    }

    @Test func theLongestUnusedGoWhenMemoryEnds() throws {
        let limit = 20_000
        let cache = GoneRowsCache(limit: limit)
        let deletes = [try test(1)]
        func rows(_ rowset: Int) -> GoneRows {
            cache.rows(of: id(UInt64(rowset)), tablet: 1, deletes: deletes)
        }
        let first = rows(0)
        for rowset in 0..<100 {
            for block in 0..<20 {
                cache.learn(
                    mask(block), of: rows(rowset), id(UInt64(rowset)), tablet: 1, segment: 0, block: block)
                #expect(cache.bytes <= limit)
            }
            #expect(rows(0) === first)
        }
        #expect(self.rows(rows(99)[0, 19]) == [19])
        #expect(self.rows(rows(50)[0, 19]) == nil)
    }
}
