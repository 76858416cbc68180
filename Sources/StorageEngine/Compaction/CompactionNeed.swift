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
        withState { state in
            if let known = state.compactionNeed { return known }
            let need = state.makeCompactionNeed(options)
            state.compactionNeed = need
            return need
        }
    }
}

extension Tablet.State {
    fileprivate func makeCompactionNeed(_ options: CompactionOptions) -> CompactionNeed {
        var need = CompactionNeed(score: 0, kind: nil, inputCount: 0)
        guard header.state == .running, breakage == nil, rowsets.count > 1, !tracker.hasCrossing else { return need }
        let candidates = rowsets.compactionCandidates
        need.score = compactionScore(candidates, options)
        if header.isAutoCompactionDisabled { return need }
        for kind in [CompactionKind.cumulative, .base] {
            let pick = CompactionPick(
                candidates, kind, cumulativePoint: header.cumulativePoint,
                maxContinuousVersion: tracker.maxContinuousVersion, cools: header.cools, isAsked: false, options)
            guard let pick, pick.inputs.count > need.inputCount else { continue }
            need.kind = kind
            need.inputCount = Int64(pick.inputs.count)
        }
        return need
    }

    private func compactionScore(_ candidates: [CompactionCandidate], _ options: CompactionOptions) -> Int64 {
        let end = tracker.maxContinuousVersion
        if header.cools || candidates.mergeInWindows {
            let windows = CoolingWindows(candidates, maxContinuousVersion: end, options).windows
            return Int64(windows.lazy.map(\.count).max() ?? 0)
        }
        let windows = CompactionWindows(
            candidates, cumulativePoint: header.cumulativePoint, maxContinuousVersion: end, options)
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
