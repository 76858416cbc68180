internal import TabletModel

/// The rowsets of a cooling tablet by windows of versions.
struct CoolingWindows {
    /// Whole windows and the last, unfinished one, oldest first; a rowset that spans windows, from before the tablet
    /// cooled, is alone, and so is a delete: it ends the window that it falls into, on every replica alike.
    var windows: [Range<Int>] = []
    /// The last one may still get versions.
    var lastIsOpen = false

    init(_ rowsets: [CompactionCandidate], maxContinuousVersion: Version, _ options: CompactionOptions) {
        let (start, end) = compactable(rowsets, maxContinuousVersion)
        let width = max(1, options.coolingWindow)
        var previous: Int64?
        for index in start..<end {
            let versions = rowsets[index].versions
            let (first, last) = (versions.start.rawValue / width, versions.end.rawValue / width)
            if first == last, first == previous, !rowsets[index].isDelete {
                windows[windows.count - 1] = windows[windows.count - 1].lowerBound..<(index + 1)
            } else {
                windows.append(index..<(index + 1))
            }
            previous = first == last && !rowsets[index].isDelete ? first : nil
            lastIsOpen = maxContinuousVersion.rawValue < (last + 1) * width - 1
        }
    }

    func inputs(_ rowsets: [CompactionCandidate], isAsked: Bool, _ options: CompactionOptions) -> Range<Int>? {
        for (index, window) in windows.enumerated() where window.count >= 2 {
            if isAsked { return window }
            if lastIsOpen, index == windows.count - 1 {
                let inputs = ofOneTier(rowsets, window).inputs
                return inputs.count >= max(2, options.minRowsets) ? inputs : nil
            }
            // Every replica sees about the same bytes, so that what is too much for one is too much for all.
            let bytes = rowsets[window].reduce(0) { $0 + $1.sizeBytes }
            if bytes < 4 * options.promotionBytes { return window }
        }
        return nil
    }
}
