internal import TabletModel
internal import VersionTracking

/// What version tracking costs on a tablet of n rowsets that follow each other: ask whether it is complete, capture the
/// path to the newest version, add the next version, build the tracker from what the store holds. Medians over `runs`.
///
/// Everything is hot in the cache but for `integrity_check_cold_ns_10`. Each figure is the mean of many operations of one
/// run, and every run takes all figures, so that a busy moment of the machine spoils one value of each and not all values
/// of one. What is measured is called through functions that are not inlined and whose results are used.
func runVersionsBench(runs: Int) -> [Figure] {
    let cold = ColdTrackers(count: 10_000, rowsets: 10)
    let all =
        [10, 100, 500, 2000].flatMap { measurements(of: VersionsFixture(rowsets: $0)) } + [
            Measurement(key: "integrity_check_cold_ns_10", goal: .atMost(100), take: cold.checkNanoseconds)
        ]
    // Warms up, and does not count.
    for measurement in all { blackHole(measurement.take()) }
    let values = (0..<max(1, runs)).map { _ in all.map { $0.take() } }
    return all.indices.map { index in
        Figure(
            key: all[index].key, value: median(values.map { $0[index] }), goal: all[index].goal)
    }
}

private struct Measurement {
    var key: String
    var goal: Goal
    var take: () -> Double
}

private func measurements(of fixture: VersionsFixture) -> [Measurement] {
    let n = fixture.rowsets
    func measurement(_ name: String, per unit: Double = 1, _ take: @escaping () -> Double) -> Measurement {
        Measurement(key: "\(name)_\(n)", goal: goals["\(name)_\(n)"] ?? .none) { take() / unit }
    }
    return [
        measurement("integrity_check_ns", fixture.checkNanoseconds),
        n == 10
            ? measurement("capture_ns", fixture.captureNanoseconds)
            : measurement("capture_us", per: 1000, fixture.captureNanoseconds),
        measurement("capture_walk_us", per: 1000, fixture.walkNanoseconds),
        measurement("capture_old_us", per: 1000, fixture.captureOldNanoseconds),
        measurement("add_version_ns", fixture.addNanoseconds),
        measurement("construct_us", per: 1000) { fixture.constructNanoseconds(fixture.ranges) },
        measurement("construct_shuffled_us", per: 1000) { fixture.constructNanoseconds(fixture.shuffled) },
        measurement("construct_stale_us", per: 1000, fixture.constructStaleNanoseconds),
        measurement("bytes_per_rowset", fixture.bytesPerRowset),
    ]
}

private let goals: [String: Goal] = [
    "integrity_check_ns_10": .atMost(19), "capture_ns_10": .atMost(24), "add_version_ns_10": .atMost(83),
    "construct_us_10": .atMost(1.3), "bytes_per_rowset_100": .atMost(24), "integrity_check_ns_2000": .atMost(10),
    "capture_us_2000": .atMost(1.5), "add_version_ns_2000": .atMost(30), "construct_us_2000": .atMost(20),
]

private func nanoseconds(over operations: Int, _ body: () -> Void) -> Double {
    secondsOf(body) * 1e9 / Double(operations)
}

@inline(never) private func blackHole<T>(_ value: T) {}
@inline(never) private func ask(_ tracker: borrowing VersionTracker) -> Bool { tracker.isComplete }
@inline(never) private func capture(_ tracker: borrowing VersionTracker, _ version: Version) -> VersionPath? {
    tracker.capture(upTo: version)
}
@inline(never) private func add(_ range: VersionRange, to tracker: inout VersionTracker) -> Bool {
    do throws(VersionError) { try tracker.add(range) } catch { return false }
    return true
}
@inline(never) private func construct(_ ranges: [VersionRange], _ stale: [StaleRowset]) -> VersionTracker {
    // A copy: the tracker keeps the array that it is given, and here nobody gives one away.
    VersionTracker(visible: ranges.map { $0 }, stale: stale)
}

/// Tablets of so many rowsets, each of one version.
private struct VersionsFixture {
    /// So many equal trackers take turns, so that no answer can be kept from one round to the next.
    private static let turns = 8

    let rowsets: Int
    let ranges: [VersionRange]
    let shuffled: [VersionRange]
    private let newest: Version
    private let trackers: ContiguousArray<VersionTracker>
    /// The oldest fifth compacted by tens, the originals stale.
    private let compacted: ContiguousArray<VersionTracker>

    init(rowsets: Int) {
        self.rowsets = rowsets
        ranges = (0..<rowsets).map { VersionRange(single: Version(Int64($0))) }
        var random = Shuffler(state: UInt64(rowsets))
        shuffled = random.shuffled(ranges)
        newest = Version(Int64(rowsets - 1))
        let all = ranges
        trackers = ContiguousArray((0..<Self.turns).map { _ in VersionTracker(visible: all) })
        compacted = ContiguousArray((0..<Self.turns).map { _ in Self.compact(all) })
    }

    private static func compact(_ ranges: [VersionRange]) -> VersionTracker {
        var tracker = VersionTracker(visible: ranges)
        for start in stride(from: 0, to: ranges.count / 5, by: 10) {
            let inputs = Array(ranges[start..<min(start + 10, ranges.count / 5)])
            let output = VersionRange(inputs[0].start, inputs[inputs.count - 1].end)
            tracker.replace(inputs, by: [output], staleAt: UnixTime(seconds: 1))
        }
        return tracker
    }

    func checkNanoseconds() -> Double {
        let operations = 1_000_000
        var complete = 0
        let time = nanoseconds(over: operations) {
            for round in 0..<operations where ask(trackers[round & (Self.turns - 1)]) { complete += 1 }
        }
        precondition(complete == operations, "the bench measures complete tablets")
        return time
    }

    /// The path to the newest version; its last range is read.
    func captureNanoseconds() -> Double {
        captureNanoseconds(trackers, newest, rounds: 200_000) { $0.last?.end }
    }

    /// The same, and every range of it is read, as by one who opens the rowsets.
    func walkNanoseconds() -> Double {
        captureNanoseconds(trackers, newest, rounds: 2_000_000 / rowsets) { path in
            path.reduce(Version(0)) { Version($0.rawValue ^ $1.end.rawValue) }.rawValue >= 0 ? path.last?.end : nil
        }
    }

    /// A path that ends in a stale rowset.
    func captureOldNanoseconds() -> Double {
        captureNanoseconds(compacted, 0, rounds: 200_000) { $0.last?.end }
    }

    private func captureNanoseconds(
        _ trackers: ContiguousArray<VersionTracker>, _ version: Version, rounds: Int,
        read: (VersionPath) -> Version?
    ) -> Double {
        var reached = 0
        let time = nanoseconds(over: rounds) {
            for round in 0..<rounds {
                guard let path = capture(trackers[round & (Self.turns - 1)], version) else { continue }
                if read(path) == version { reached += 1 }
            }
        }
        precondition(reached == rounds, "the bench measures readable versions")
        return time
    }

    /// From n to 2n rowsets, one version after the other, what the array needs to grow included.
    func addNanoseconds() -> Double {
        let count = max(1, 40_000 / rowsets)
        var grown = ContiguousArray((0..<count).map { _ in byAdding() })
        var added = 0
        let time = nanoseconds(over: count * rowsets) {
            for index in grown.indices {
                for version in rowsets..<(2 * rowsets)
                where add(VersionRange(single: Version(Int64(version))), to: &grown[index]) { added += 1 }
            }
        }
        precondition(added == count * rowsets, "the bench adds the next version")
        return time
    }

    private func byAdding() -> VersionTracker {
        var tracker = VersionTracker()
        for range in ranges { precondition(add(range, to: &tracker)) }
        return tracker
    }

    /// Making the array that the tracker is given, and freeing the tracker, are included.
    func constructNanoseconds(_ ranges: [VersionRange]) -> Double {
        constructNanoseconds(ranges, [], rounds: max(200, 200_000 / rowsets))
    }

    /// With a fifth of the versions compacted and the stale originals stored.
    func constructStaleNanoseconds() -> Double {
        let stale = compacted[0].stalePaths.flatMap { path in
            path.ranges.map { StaleRowset(range: $0, staleAt: path.staleAt) }
        }
        return constructNanoseconds(compacted[0].ranges, stale, rounds: max(20, 20_000 / rowsets))
    }

    private func constructNanoseconds(_ ranges: [VersionRange], _ stale: [StaleRowset], rounds: Int) -> Double {
        var complete = 0
        let time = nanoseconds(over: rounds) {
            for _ in 0..<rounds where construct(ranges, stale).isComplete { complete += 1 }
        }
        precondition(complete == rounds, "the bench builds complete tablets")
        return time
    }

    /// The struct and its share of the heap: of a tracker that grew one version after the other, or was built at once,
    /// whichever is more.
    func bytesPerRowset() -> Double {
        let heap = max(byAdding().heapBytes, construct(ranges, []).heapBytes)
        return Double(MemoryLayout<VersionTracker>.stride + heap) / Double(rowsets)
    }
}

/// Trackers as a backend has them: each in an object of its own, all over the heap. They are visited in random order, and
/// where the next one is only the present one tells, so that no two cache misses overlap.
private struct ColdTrackers {
    private final class Tablet {
        let tracker: VersionTracker
        var next = 0
        init(_ tracker: VersionTracker) { self.tracker = tracker }
    }

    private let tablets: ContiguousArray<Tablet>

    init(count: Int, rowsets: Int) {
        tablets = ContiguousArray(
            (0..<count).map { _ in
                Tablet(VersionTracker(visible: (0..<rowsets).map { VersionRange(single: Version(Int64($0))) }))
            })
        var random = Shuffler(state: 1)
        let order = random.shuffled(Array(0..<count))
        for (position, index) in order.enumerated() { tablets[index].next = order[(position + 1) % count] }
    }

    func checkNanoseconds() -> Double {
        let rounds = 10
        var complete = 0
        var index = 0
        let time = nanoseconds(over: rounds * tablets.count) {
            for _ in 0..<(rounds * tablets.count) {
                let tablet = tablets[index]
                if ask(tablet.tracker) { complete += 1 }
                index = tablet.next
            }
        }
        precondition(complete == rounds * tablets.count, "the bench measures complete tablets")
        return time
    }
}

/// The same order in every run.
private struct Shuffler: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func shuffled<T>(_ values: [T]) -> [T] { values.shuffled(using: &self) }
}
