internal import TabletModel

/// The rowsets below and above the cumulative point.
struct CompactionWindows {
    var base: Range<Int>
    var cumulative: Range<Int>
    /// A rowset of so many bytes belongs to the base.
    var promotionBytes: Int64

    init(
        _ rowsets: [CompactionCandidate], cumulativePoint: Version, maxContinuousVersion: Version,
        _ options: CompactionOptions
    ) {
        let (start, end) = compactable(rowsets, maxContinuousVersion)
        var first = rowsets[start..<end].firstIndex { $0.versions.start >= cumulativePoint } ?? end
        if let newestDelete = rowsets[start..<end].lastIndex(where: \.isDelete) { first = max(first, newestDelete + 1) }
        var baseBytes = rowsets[start..<first].reduce(0) { $0 + $1.sizeBytes }
        func promotion() -> Int64 {
            let share = baseBytes / 100 * options.promotionPercent
            return max(min(max(share, options.promotionMinBytes), options.promotionBytes), 1)
        }
        // The tablet's first rowset is its base, however small, and so are large ones that came whole, from a clone say.
        while first < end, rowsets[first].versions.start == 0 || rowsets[first].sizeBytes >= promotion() {
            baseBytes += rowsets[first].sizeBytes
            first += 1
        }
        base = start..<first
        cumulative = first..<end
        promotionBytes = promotion()
    }

    func cumulativeInputs(
        _ rowsets: [CompactionCandidate], isAsked: Bool, _ options: CompactionOptions
    ) -> Range<Int>? {
        let most = cumulative.prefix(max(2, options.maxRowsets))
        if isAsked { return most.count >= 2 ? most : nil }
        let (inputs, bytes) = ofOneTier(rowsets, most)
        guard inputs.count >= 2, inputs.count >= options.minRowsets || bytes >= promotionBytes else { return nil }
        return inputs
    }

    func baseIsDue(_ rowsets: [CompactionCandidate], isAsked: Bool, _ options: CompactionOptions) -> Bool {
        let candidates = rowsets[base]
        // An empty first rowset before one with rows is how a tablet begins: nothing is gained.
        let countsAlone = candidates.count { $0.rowCount > 0 || $0.isDelete }
        guard candidates.count >= 2, isAsked || countsAlone >= 2 else { return false }
        if isAsked || candidates.count > options.baseMinRowsets { return true }
        let first = candidates.first { $0.rowCount > 0 }?.sizeBytes ?? 0
        let others = candidates.reduce(0) { $0 + $1.sizeBytes } - first
        return others / 100 >= first / 10_000 * options.baseMinPercent
    }
}

/// The local rowsets behind the remote prefix and before the first hole, as [start, end) of the indices.
func compactable(
    _ rowsets: [CompactionCandidate], _ maxContinuousVersion: Version
) -> (start: Int, end: Int) {
    let end = rowsets.firstIndex { $0.versions.end > maxContinuousVersion } ?? rowsets.count
    return (rowsets[..<end].lastIndex(where: \.isRemote).map { $0 + 1 } ?? 0, end)
}

/// Without the first ones that are larger than all behind them together, tier by tier; and the bytes of those left.
func ofOneTier(_ rowsets: [CompactionCandidate], _ range: Range<Int>) -> (inputs: Range<Int>, bytes: Int64) {
    var inputs = range
    var bytes = rowsets[inputs].reduce(0) { $0 + $1.sizeBytes }
    while inputs.count > 1 {
        let first = rowsets[inputs.lowerBound].sizeBytes
        guard tier(first) > tier(bytes - first) else { break }
        bytes -= first
        inputs = inputs.dropFirst()
    }
    return (inputs, bytes)
}

/// 0 below 1 MiB, then one more for each doubling.
func tier(_ bytes: Int64) -> Int {
    let mebibytes = bytes >> 20
    return mebibytes > 0 ? Int64.bitWidth - mebibytes.leadingZeroBitCount : 0
}
