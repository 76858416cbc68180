public import TabletModel
internal import VersionTracking

public typealias CompactionKind = CompactionRequest.Kind

/// How much a tablet needs a compaction, by the policy. Depends on nothing but its rowsets and header.
struct CompactionNeed: Hashable, Sendable {
    /// Rowsets that would gain from being fewer (Doris' compaction score): those above the cumulative point, or those below,
    /// whichever are more.
    var score: Int64
    /// What to run now; nil: nothing.
    var kind: CompactionKind?
    /// Rowsets that run would merge.
    var inputCount: Int64
}

extension Tablet {
    /// Worked out at the first call after each change.
    func compactionNeed(_ options: CompactionOptions) -> CompactionNeed {
        withState { $0.knownCompactionNeed(options) }
    }
}

extension Tablet.State {
    /// Worked out at the first call after each change.
    mutating func knownCompactionNeed(_ options: CompactionOptions) -> CompactionNeed {
        if let known = compactionNeed { return known }
        var need = CompactionNeed.none
        if header.state == .running, breakage == nil, !tracker.hasCrossing {
            need = CompactionNeed(
                rowsets.compactionCandidates, cumulativePoint: header.cumulativePoint,
                maxContinuousVersion: tracker.maxContinuousVersion, cools: header.cools,
                isAutomatic: !header.isAutoCompactionDisabled, options)
        }
        compactionNeed = need
        return need
    }
}

extension CompactionNeed {
    static let none = CompactionNeed(score: 0, kind: nil, inputCount: 0)

    /// - Parameters:
    ///   - candidates: all visible rowsets in version order, of which none crosses another.
    ///   - isAutomatic: the node compacts the tablet by itself.
    init(
        _ candidates: [CompactionCandidate], cumulativePoint: Version, maxContinuousVersion: Version, cools: Bool,
        isAutomatic: Bool, _ options: CompactionOptions
    ) {
        self = .none
        guard candidates.count > 1 else { return }
        score = Self.score(
            candidates, cumulativePoint: cumulativePoint, maxContinuousVersion: maxContinuousVersion, cools: cools,
            options)
        guard isAutomatic else { return }
        for kind in [CompactionKind.cumulative, .base] {
            let pick = CompactionPick(
                candidates, kind, cumulativePoint: cumulativePoint, maxContinuousVersion: maxContinuousVersion,
                cools: cools, isAsked: false, options)
            guard let pick, pick.inputs.count > inputCount else { continue }
            self.kind = kind
            inputCount = Int64(pick.inputs.count)
        }
    }

    private static func score(
        _ candidates: [CompactionCandidate], cumulativePoint: Version, maxContinuousVersion end: Version, cools: Bool,
        _ options: CompactionOptions
    ) -> Int64 {
        if cools || candidates.mergeInWindows {
            let windows = CoolingWindows(candidates, maxContinuousVersion: end, options).windows
            return Int64(windows.lazy.map(\.count).max() ?? 0)
        }
        let windows = CompactionWindows(
            candidates, cumulativePoint: cumulativePoint, maxContinuousVersion: end, options)
        return Int64(max(windows.base.count, windows.cumulative.count))
    }
}

extension TabletHeader {
    /// Its rowsets go to an object store some day.
    var cools: Bool { !storagePolicy.isEmpty }
}

extension [Rowset] {
    var compactionCandidates: [CompactionCandidate] {
        map {
            CompactionCandidate(
                versions: $0.meta.versions, sizeBytes: $0.meta.sizeBytes, rowCount: $0.meta.rowCount,
                isRemote: $0.meta.isRemote, isDelete: $0.meta.deletePredicate != nil)
        }
    }
}
