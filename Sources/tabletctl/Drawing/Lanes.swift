/// Puts ranges of columns that overlap into different lanes: each into the first lane that is free there.
struct Lanes<Item> {
    private(set) var lanes: [[(columns: Range<Int>, item: Item)]] = []
    private var ends: [Int] = []

    /// - Parameter items: by where they begin.
    init(_ items: some Sequence<(columns: Range<Int>, item: Item)>) {
        for (columns, item) in items.sorted(by: { $0.columns.lowerBound < $1.columns.lowerBound }) {
            if let lane = ends.firstIndex(where: { $0 <= columns.lowerBound }) {
                lanes[lane].append((columns, item))
                ends[lane] = columns.upperBound
            } else {
                lanes.append([(columns, item)])
                ends.append(columns.upperBound)
            }
        }
    }
}
