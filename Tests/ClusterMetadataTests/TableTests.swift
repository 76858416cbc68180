import TabletModel
import Testing

@testable import ClusterMetadata

@Suite struct TableTests {
    @Test(arguments: [[], [7], [1, 2, 3, 4, 5], [10, 20, 21, 90], [9, 3, 7, 1]] as [[Int64]])
    func everyTabletIsFoundAtItsBucket(ids: [Int64]) {
        let index = MaterializedIndex(id: 1, schemaHash: 1, tabletIDs: ids.map { TabletID($0) })
        for (bucket, id) in ids.enumerated() { #expect(index.bucket(of: TabletID(id)) == bucket) }
        for id in [Int64(0), 6, 91] { #expect(index.bucket(of: TabletID(id)) == nil) }
    }
}
