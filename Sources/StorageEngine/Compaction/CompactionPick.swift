internal import TabletModel

/// What of a rowset decides whether it is merged.
struct CompactionCandidate: Hashable, Sendable {
    var versions: VersionRange
    var sizeBytes: Int64
    var rowCount: Int64
    var isRemote: Bool
    var isDelete = false
}

/// Which rowsets of a tablet to merge. Pure.
///
/// Only local rowsets that follow each other without a gap count: those behind the remote prefix and before the first
/// hole. The *cumulative point* divides them. Below it stand large rowsets, the base; at and above it new ones come in.
/// Cumulative compaction merges the new ones size by size: a rowset waits until those behind it are together of its tier,
/// so that a row is rewritten once a tier and not once a run. A result that is large enough moves the point past itself.
/// Base compaction merges what lies below the point.
///
/// A tablet that *cools* is another matter: a follower can take the uploader's remote prefix only where its own rowsets
/// end at the same version (design.md, cooldown protocol 6), and replicas compact each at its own pace. So all of them merge
/// within the same windows of versions, and all of a window once it is past; there is no base. Old rowsets are whole windows
/// everywhere then, and the prefix aligns.
///
/// A *delete* takes rows of the versions before it, so it may be merged only together with all of them: from version 0 on.
/// Where that is local, everything up to the newest delete belongs to the base. Where it is not, since a tablet cools or has
/// cooled, a delete stays a rowset of its own for ever, and ends the window that it falls into.
struct CompactionPick: Hashable {
    /// Of the rowsets that were given.
    var inputs: Range<Int>
    /// Of the tablet's header once the inputs are merged.
    var cumulativePoint: Version

    /// - Parameters:
    ///   - rowsets: the visible ones in version order.
    ///   - isAsked: somebody asked for it: two rowsets suffice, whatever their sizes.
    init?(
        _ rowsets: [CompactionCandidate], _ kind: CompactionKind, cumulativePoint: Version,
        maxContinuousVersion: Version, cools: Bool, isAsked: Bool, _ options: CompactionOptions
    ) {
        if cools || rowsets.mergeInWindows {
            let windows = CoolingWindows(rowsets, maxContinuousVersion: maxContinuousVersion, options)
            guard kind == .cumulative, let inputs = windows.inputs(rowsets, isAsked: isAsked, options) else {
                return nil
            }
            self.init(inputs: inputs, cumulativePoint: cumulativePoint)
            return
        }
        let windows = CompactionWindows(
            rowsets, cumulativePoint: cumulativePoint, maxContinuousVersion: maxContinuousVersion, options)
        switch kind {
        case .cumulative:
            guard let inputs = windows.cumulativeInputs(rowsets, isAsked: isAsked, options) else { return nil }
            let bytes = rowsets[inputs].reduce(0) { $0 + $1.sizeBytes }
            let isPromoted = bytes >= windows.promotionBytes && inputs.lowerBound == windows.cumulative.lowerBound
            let first = rowsets[windows.cumulative.lowerBound].versions.start
            let point = isPromoted ? rowsets[inputs.upperBound - 1].versions.end.next : first
            self.init(inputs: inputs, cumulativePoint: max(cumulativePoint, point))
        case .base:
            guard windows.baseIsDue(rowsets, isAsked: isAsked, options) else { return nil }
            self.init(inputs: windows.base, cumulativePoint: cumulativePoint)
        }
    }

    private init(inputs: Range<Int>, cumulativePoint: Version) {
        self.inputs = inputs
        self.cumulativePoint = cumulativePoint
    }
}

extension [CompactionCandidate] {
    /// Deletes behind a remote prefix can't be merged, whether the tablet still cools or not.
    var mergeInWindows: Bool { (first?.isRemote ?? false) && contains(where: \.isDelete) }
}
