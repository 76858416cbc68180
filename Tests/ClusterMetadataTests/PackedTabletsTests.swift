import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct PackedTabletsTests {
    private func chunk(_ rows: TabletRows, tablets: Int, replicas: Int) -> TabletChunk {
        var chunk = TabletChunk()
        var id: Int64 = rows.extremes > 0 ? .min : 10_000
        for place in 0..<tablets {
            id = rows.extremes > 0 && place == tablets - 1 ? .max : id + 1 + Int64(rows.random.next(below: 9))
            let count = rows.extremes > 0 ? Int(rows.random.next(below: UInt64(replicas) + 1)) : replicas
            chunk.append(
                rows.tablet(TabletID(id)),
                (0..<count).map {
                    rows.replica(id &+ Int64($0), on: BackendID(Int64($0) << rows.random.next(below: 30)))
                })
        }
        return chunk
    }

    @Test(arguments: [(1, 1), (1, 0), (2, 3), (128, 3), (128, 8), (1, 1500)], UInt64(0)...4)
    func everyMemberIsReadAsItWasPacked(size: (tablets: Int, replicas: Int), extremes: UInt64) {
        for seed in UInt64(1)...5 {
            let rows = TabletRows(random: SeededRandom(seed: seed), extremes: extremes)
            let chunk = chunk(rows, tablets: size.tablets, replicas: size.replicas)
            let packed = PackedTablets(chunk)
            #expect(packed.unpacked.tablets == chunk.tablets)
            #expect(packed.unpacked.replicas == chunk.replicas)
            for (row, tablet) in chunk.tablets.enumerated() {
                #expect(packed.row(of: tablet.id) == row)
                packed.withReader { reader in
                    for position in tablet.replicaRange {
                        let found = reader.position(row: row, backend: chunk.replicas[position].backendID)
                        #expect(found.map { chunk.replicas[$0].backendID } == chunk.replicas[position].backendID)
                    }
                    #expect(reader.position(row: row, backend: -7) == nil)
                }
            }
        }
    }

    @Test func idsBetweenThoseThereAreNotFound() {
        let rows = TabletRows(random: SeededRandom(seed: 3))
        let chunk = chunk(rows, tablets: 128, replicas: 1)
        let packed = PackedTablets(chunk)
        let known = Set(chunk.tablets.map(\.id))
        for id in (Int64(9_990)...12_000).map({ TabletID($0) }) {
            #expect((packed.row(of: id) != nil) == known.contains(id))
            #expect(packed.withReader { $0.lowerBound(of: id) } == chunk.lowerBound(of: id))
        }
        for id in [TabletID(.min), TabletID(.max)] { #expect(packed.row(of: id) == nil) }
    }

    /// A column at each width, and lists of each length.
    @Test(arguments: 0...64)
    func aColumnOfEachWidthIsReadAndSet(width: Int) {
        let random = SeededRandom(seed: UInt64(width))
        let mask = width == 0 ? 0 : ~UInt64(0) >> UInt64(64 - width)
        for base in [Int64(0), -1, .min, 5] {
            let values = (0..<300).map { _ in base &+ Int64(bitPattern: random.next() & mask) }
            for unlisted in [nil, 0] {
                var words = values.withUnsafeBufferPointer { values in
                    ColumnPacker.words(lead: (0, 0), columns: 1, unlisted: unlisted) { _ in .values(values) }
                }
                words.withUnsafeMutableBufferPointer { words in
                    let words = words.baseAddress!
                    let column = PackedColumn(0, in: words)
                    #expect(values.indices.map { column.value($0, in: words) } == values)
                    // Backwards: each is set between two that are still the old ones, or already the new.
                    let turned = Array(values.reversed())
                    for row in values.indices.reversed() {
                        guard let code = column.code(of: turned[row], in: words) else {
                            Issue.record("\(turned[row]) has no place in \(column)")
                            return
                        }
                        column.put(code, row: row, in: words)
                    }
                    #expect(values.indices.map { column.value($0, in: words) } == turned)
                }
            }
        }
    }

    /// Equal values, values near each other, and a few far apart.
    @Test(arguments: [[7, 7, 7], [7, 8, 10], [7, 1 << 40, 7]], [Int64(6), 11, .max, .min, -1])
    func aValueThatDoesNotFitIsRefused(values: [Int64], strange: Int64) {
        let values = (0..<300).map { values[$0 % 3] }
        let words = values.withUnsafeBufferPointer { values in
            ColumnPacker.words(lead: (0, 0), columns: 1) { _ in .values(values) }
        }
        words.withUnsafeBufferPointer { words in
            let words = words.baseAddress!
            #expect(PackedColumn(0, in: words).code(of: strange, in: words) == nil)
        }
    }

    @Test(arguments: [2, 3, 100, 257])
    func fewDistinctValuesAreListed(count: Int) {
        let random = SeededRandom(seed: UInt64(count))
        let distinct = (0..<count).map { _ in Int64(bitPattern: random.next()) }
        let values = (0..<1024).map { _ in distinct[Int(random.next(below: UInt64(count)))] }
        let words = values.withUnsafeBufferPointer { values in
            ColumnPacker.words(lead: (0, 0), columns: 1) { _ in .values(values) }
        }
        let read = words.withUnsafeBufferPointer { words in
            values.indices.map { PackedColumn(0, in: words.baseAddress!).value($0, in: words.baseAddress!) }
        }
        #expect(read == values)
        #expect(words.count < 1024 / 2)
    }
}
