import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct ChunkListTests {
    private func chunk(_ id: Int64) -> PackedTablets {
        var rows = TabletChunk()
        rows.append(Tablet(id: TabletID(id), tableID: 1, partitionID: 2, indexID: 3), [])
        return PackedTablets(rows)
    }

    @Test(arguments: UInt64(1)...10)
    func itIsAnArray(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        var list = ChunkList()
        var array: [Int64] = []
        var next: Int64 = 0
        for _ in 0..<60 {
            let low = Int(random.next(below: UInt64(array.count + 1)))
            let high = low + Int(random.next(below: UInt64(min(array.count - low, 200) + 1)))
            let new = (0..<Int64(random.next(below: 300))).map { next + $0 }
            next += Int64(new.count)
            let before = list
            list.replaceSubrange(low..<high, with: new.map { chunk($0) })
            #expect(before.map(\.firstID.rawValue) == array)
            array.replaceSubrange(low..<high, with: new)
            #expect(list.map(\.firstID.rawValue) == array)
            #expect(list.count == array.count)
            guard !array.isEmpty else { continue }
            let place = Int(random.next(below: UInt64(array.count)))
            list[place] = chunk(next)
            array[place] = next
            next += 1
            #expect(list[place].firstID.rawValue == array[place])
        }
    }
}
