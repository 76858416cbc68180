import TabletModel
import Testing

@Suite struct SortedSearchTests {
    /// Against a walk, for every length and every place between two elements, repeated ones and slices included.
    @Test func placesAreThoseOfAWalk() {
        for count in 0..<40 {
            let values = (0..<count).map { $0 / 3 * 2 }
            for wanted in -1...(count + 1) {
                let walked = values.firstIndex { $0 >= wanted } ?? values.count
                #expect(values.lowerBound(of: wanted) == walked)
                #expect(values.partitionPoint { $0 <= wanted } == values.firstIndex { $0 > wanted } ?? values.count)
                #expect(values.containsSorted(wanted) == values.contains(wanted))
                let slice = values[(count / 2)...]
                #expect(slice.lowerBound(of: wanted) == slice.firstIndex { $0 >= wanted } ?? slice.endIndex)
            }
        }
    }
}
