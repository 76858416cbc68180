import ClusterTestKit
import TabletModel
import VersionTracking

/// A tracker and a model to which the same things happen.
struct HistoryPlay {
    private(set) var tracker = VersionTracker()
    private var model = NaiveVersions()
    /// Given up, and not yet recovered. Empty after a load: ids start anew then.
    private var deleted: [StalePath] = []

    /// Does it to both; says how their answers differ.
    mutating func problem(in operation: Operation) -> String? {
        switch operation {
        case .add(let range): return add(range)
        case .addNext(let width):
            let start = tracker.maxVersion.next
            return add(VersionRange(start, Version(start.rawValue + Int64(width) - 1)))
        case .remove(let pick): return remove(pick)
        case .replace(let pick, let length, let cut, let staleAt): return replace(pick, length, cut, staleAt)
        case .expire(let limit, let pinned): return expire(limit, pinned)
        case .recover(let pick):
            guard !deleted.isEmpty else { return nil }
            let path = deleted.remove(at: pick % deleted.count)
            tracker.recover(path)
            model.recover(path)
        case .reload(let order, let damage):
            model = model.reloaded(with: damage)
            deleted = []
            var random = SplitMix64(history: order)
            tracker = VersionTracker(
                visible: model.visible.shuffled(using: &random),
                stale: model.staleRowsets.shuffled(using: &random))
            return difference("stale paths", tracker.stalePaths, model.stale)
        case .compare: return problemInAnswers()
        }
        return nil
    }

    private func difference<T: Equatable>(_ name: String, _ told: T, _ right: T) -> String? {
        told == right ? nil : "\(name): \(told), should be \(right)"
    }

    // MARK: Changes

    private mutating func add(_ range: VersionRange) -> String? {
        let refusal: VersionError?
        do throws(VersionError) {
            try tracker.add(range)
            refusal = nil
        } catch { refusal = error }
        switch refusal {
        case nil:
            defer { model.visible.append(range) }
            return model.visible.contains { $0.overlaps(range) } ? "added over a visible range" : nil
        case .alreadyExists(range, let existing):
            return model.visible.contains(existing) && existing.contains(range) ? nil : "\(existing) does not hold it"
        case .crosses(range, let existing):
            let isCrossed = model.visible.contains(existing) && existing.overlaps(range)
            let isThere = model.visible.contains { $0.contains(range) }
            return isCrossed && !isThere ? nil : "does not only cross \(existing)"
        case let other?: return "refused with \(other)"
        }
    }

    private mutating func remove(_ pick: Int) -> String? {
        let sorted = model.sorted
        guard !sorted.isEmpty else { return nil }
        let range = sorted[pick % sorted.count]
        model.visible.removeAll { $0 == range }
        guard tracker.remove(range) else { return "\(range) was not visible" }
        return tracker.remove(range) ? "\(range) was there twice" : nil
    }

    private mutating func replace(_ pick: Int, _ length: Int, _ cut: Int?, _ staleAt: UnixTime?) -> String? {
        let sorted = model.sorted
        guard !sorted.isEmpty, !model.crosses else { return nil }
        let inputs = Array(sorted[(pick % sorted.count)...].prefix(length))
        let whole = VersionRange(inputs[0].start, inputs[inputs.count - 1].end)
        var outputs = [whole]
        if let cut, whole.count > 1 {
            let first = VersionRange(whole.start, Version(whole.start.rawValue + Int64(cut) % (whole.count - 1)))
            outputs = [VersionRange(first.end.next, whole.end), first]
        }
        let id = tracker.replace(inputs.reversed(), by: outputs, staleAt: staleAt)
        let changes = Set(inputs) != Set(outputs)
        if changes {
            model.visible.removeAll { inputs.contains($0) }
            model.visible += outputs
            if let staleAt { model.addStale(inputs, staleAt) }
        }
        return difference("stale path", id, changes && staleAt != nil ? model.stale.last?.id : nil)
    }

    private mutating func expire(_ limit: UnixTime, _ pinned: [Version]) -> String? {
        let due = model.stale.filter { $0.staleAt <= limit }.map(\.id)
        if let problem = difference("expired ids", tracker.expiredPaths(by: limit), due) { return problem }
        let given = due.compactMap { model.giveUp($0, pinned: pinned) }
        deleted += given
        return difference("expired", tracker.expireStale(by: limit, pinned: pinned), given)
    }

    // MARK: Answers

    private func problemInAnswers() -> String? {
        difference("ranges", tracker.ranges, model.sorted)
            ?? difference("count", tracker.count, model.visible.count)
            ?? difference("max", tracker.maxVersion, model.maxVersion)
            ?? difference("max continuous", tracker.maxContinuousVersion, model.maxContinuous)
            ?? difference("crossing", tracker.hasCrossing, model.crosses)
            ?? difference("complete", tracker.isComplete, model.isComplete)
            ?? difference("stale paths", tracker.stalePaths, model.stale)
            ?? difference(
                "held", tracker.heldVersions.ranges, model.runs(upTo: model.maxVersion.rawValue, held: true))
            ?? problemInVersions()
    }

    private func problemInVersions() -> String? {
        // Operations may have gone beyond the versions that are drawn.
        let limit = max(History.versions, Int(model.maxVersion.rawValue) + 1)
        let costs = model.costs(upTo: limit)
        for number in 0...limit {
            let version = Version(Int64(number))
            let problem =
                problemInPath(tracker.capture(upTo: version), to: version, cost: costs[number])
                ?? difference(
                    "missed", tracker.missedVersions(upTo: version), model.runs(upTo: version.rawValue, held: false))
                ?? problemInHolder(of: version)
            if let problem { return "version \(version): \(problem)" }
        }
        return nil
    }

    private func problemInHolder(of version: Version) -> String? {
        guard let holder = tracker.visibleRange(containing: version) else {
            return model.holds(version) ? "is held by no range" : nil
        }
        return holder.contains(version) && model.visible.contains(holder) && tracker.contains(holder)
            ? nil : "is not held by \(holder)"
    }

    private func problemInPath(_ path: VersionPath?, to version: Version, cost: NaiveVersions.Cost?) -> String? {
        guard let path, let cost else {
            let told = path.map { "captured \(Array($0))" } ?? "captured nothing"
            return path == nil && cost == nil ? nil : told + (cost.map { ", cost \($0)" } ?? ", there is no path")
        }
        var next = Version(0)
        var stale = 0
        for (index, range) in path.enumerated() {
            guard range.start == next else { return "captured \(Array(path))" }
            next = range.end.next
            let isVisible = model.visible.contains(range)
            if !isVisible { stale += 1 }
            guard isVisible || model.stale.contains(where: { $0.ranges.contains(range) }) else { return "no \(range)" }
            if index < path.prefixCount && tracker.ranges[index] != range { return "\(range) is not in the prefix" }
        }
        guard next == version.next else { return "captured \(Array(path))" }
        return (path.count, stale) == cost ? nil : "captured \(Array(path)), which should cost \(cost)"
    }
}
