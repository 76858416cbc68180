import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import TabletReports

@Suite struct TabletIDRunsTests {
    @Test(arguments: 0..<30)
    func whatGoesInComesOut(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        var runs = TabletIDRuns()
        var ids: [TabletID] = []
        var next: Int64 = 0
        for _ in 0..<random.next(below: 40) {
            let step = Int64(random.next(below: 9)) - 4
            next += Int64(random.next(below: 1000)) - 500
            for _ in 0..<random.next(below: 20) {
                ids.append(TabletID(next))
                runs.append(TabletID(next))
                next += step
            }
        }
        var found: [TabletID] = []
        runs.forEach { found.append($0) }
        #expect(found == ids)
        #expect(runs.sorted == ids.sorted())
        #expect(runs.count == ids.count)
    }
}
