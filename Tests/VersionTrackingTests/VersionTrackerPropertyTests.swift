import TabletModel
import Testing
import VersionTracking

/// Random histories, the tracker beside a model that thinks in sets of single versions.
@Suite("VersionTracker against a naive model")
struct VersionTrackerPropertyTests {
    @Test("agrees after every step of a random history", arguments: 0..<24)
    func agrees(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &* 0x9E37_79B9 &+ 1)
        var tracker = VersionTracker()
        var model = NaiveVersions()
        for _ in 0..<60 {
            switch random.below(10) {
            case 0..<5: add(random.range(limit: 24), to: &tracker, &model)
            case 5: addNext(random.below(3), to: &tracker, &model)
            case 6: remove(random.below(64), from: &tracker, &model)
            case 7...8: compact(random.below(64), random.below(4), at: Int64(random.below(50)), &tracker, &model)
            default: expire(Int64(random.below(50)), &tracker, &model)
            }
            compare(tracker, model, upTo: 30)
        }
    }

    private func add(_ range: VersionRange, to tracker: inout VersionTracker, _ model: inout NaiveVersions) {
        let outcome = Result { try tracker.add(range) }
        if let existing = model.visible.first(where: { $0.overlaps(range) }) {
            let contained = model.visible.contains { $0.contains(range) }
            switch outcome {
            case .success: Issue.record("added \(range) over \(existing)")
            case .failure(VersionError.alreadyExists): #expect(contained)
            case .failure: #expect(!contained)
            }
        } else {
            #expect(throws: Never.self) { try outcome.get() }
            model.visible.append(range)
        }
    }

    private func addNext(_ extra: Int, to tracker: inout VersionTracker, _ model: inout NaiveVersions) {
        let next = tracker.maxContinuousVersion.next
        add(VersionRange(next, Version(next.rawValue + Int64(extra))), to: &tracker, &model)
    }

    private func remove(_ pick: Int, from tracker: inout VersionTracker, _ model: inout NaiveVersions) {
        guard !model.visible.isEmpty else { return }
        let range = model.visible.remove(at: pick % model.visible.count)
        let first = tracker.remove(range)
        let second = tracker.remove(range)
        #expect(first && !second)
    }

    private func compact(
        _ pick: Int, _ length: Int, at seconds: Int64, _ tracker: inout VersionTracker, _ model: inout NaiveVersions
    ) {
        let sorted = tracker.ranges
        guard !sorted.isEmpty else { return }
        var inputs = [sorted[pick % sorted.count]]
        while inputs.count <= length, let next = sorted.first(where: { $0.start == inputs[inputs.count - 1].end.next })
        {
            inputs.append(next)
        }
        let output = VersionRange(inputs[0].start, inputs[inputs.count - 1].end)
        let staleAt = UnixTime(seconds: seconds)
        tracker.replace(inputs, by: [output], staleAt: staleAt)
        guard inputs != [output] else { return }
        model.visible.removeAll { inputs.contains($0) }
        model.visible.append(output)
        model.stale.append(StalePath(ranges: inputs, staleAt: staleAt))
    }

    private func expire(_ seconds: Int64, _ tracker: inout VersionTracker, _ model: inout NaiveVersions) {
        let limit = UnixTime(seconds: seconds)
        let expired = tracker.expireStale(by: limit)
        guard model.isComplete else {
            #expect(expired.isEmpty)
            return
        }
        #expect(expired == model.stale.filter { $0.staleAt <= limit })
        model.stale.removeAll { $0.staleAt <= limit }
    }

    private func compare(_ tracker: VersionTracker, _ model: NaiveVersions, upTo limit: Int64) {
        #expect(tracker.ranges == model.visible.sorted { $0.start < $1.start })
        #expect(tracker.count == model.visible.count)
        #expect(tracker.maxVersion == model.visible.map(\.end).max() ?? .none)
        #expect(tracker.maxContinuousVersion == model.maxContinuous)
        #expect(tracker.isComplete == model.isComplete)
        let wrong = (0...limit).map { Version($0) }.filter { !agrees(tracker, model, at: $0) }
        #expect(wrong.isEmpty, "\(tracker.ranges), stale \(tracker.stalePaths)")
    }

    private func agrees(_ tracker: VersionTracker, _ model: NaiveVersions, at version: Version) -> Bool {
        let path = tracker.capture(upTo: version)
        return tracker.missedVersions(upTo: version) == model.missed(upTo: version)
            && path?.count == model.fewest(to: version)
            && path.map { model.isPath($0, to: version) } != false
            && tracker.visibleRange(containing: version) == model.visible.first { $0.contains(version) }
    }
}

struct NaiveVersions {
    var visible: [VersionRange] = []
    var stale: [StalePath] = []

    private func has(_ version: Version) -> Bool { visible.contains { $0.contains(version) } }

    var maxContinuous: Version {
        var version = Version(0)
        while has(version) { version = version.next }
        return version.previous
    }

    var isComplete: Bool { !visible.isEmpty && maxContinuous == visible.map(\.end).max() }

    func missed(upTo limit: Version) -> [VersionRange] {
        var missed: [VersionRange] = []
        for version in (0...max(limit.rawValue, 0)).map({ Version($0) }) where !has(version) {
            if let last = missed.last, last.end.next == version {
                missed[missed.count - 1] = VersionRange(last.start, version)
            } else {
                missed.append(VersionRange(single: version))
            }
        }
        return missed
    }

    private var edges: [VersionRange] { visible + stale.flatMap(\.ranges) }

    /// Rowsets on the shortest path from 0 to `version`, breadth first.
    func fewest(to version: Version) -> Int? {
        var starts: Set<Version> = [0]
        var seen = starts
        for steps in 1...40 {
            let ends = edges.filter { starts.contains($0.start) && $0.end <= version }.map(\.end)
            if ends.contains(version) { return steps }
            starts = Set(ends.map(\.next)).subtracting(seen)
            seen.formUnion(starts)
            if starts.isEmpty { return nil }
        }
        return nil
    }

    func isPath(_ path: [VersionRange], to version: Version) -> Bool {
        var next = Version(0)
        for range in path {
            guard range.start == next, edges.contains(range) else { return false }
            next = range.end.next
        }
        return next == version.next
    }
}

struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func range(limit: Int) -> VersionRange {
        let start = below(limit)
        let length = below(3) == 0 ? below(5) : 0
        return VersionRange(Version(Int64(start)), Version(Int64(start + length)))
    }
}
