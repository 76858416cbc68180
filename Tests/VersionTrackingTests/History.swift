import ClusterTestKit
import TabletModel
import VersionTracking

/// One thing that happens to a tablet. Picks are taken modulo what there is, so that a history of which operations were
/// dropped still means something.
enum Operation: Hashable {
    case add(VersionRange)
    case addNext(width: Int)
    case remove(pick: Int)
    /// A run of visible rowsets becomes one, or two when `cut` says where.
    case replace(pick: Int, length: Int, cut: Int?, staleAt: UnixTime?)
    case expire(by: UnixTime, pinned: [Version])
    case recover(pick: Int)
    /// Another process loads what is stored; a damaged store has ranges that should not be there.
    case reload(order: UInt64, damage: [VersionRange])
    case compare
}

enum History {
    /// Versions go from 0 to below this.
    static let versions = 8

    /// At most 12 operations.
    static func random(seed: UInt64) -> [Operation] {
        var random = SplitMix64(history: seed)
        let length = 1 + random.below(11)
        return (0..<length).map { _ in operation(&random) } + [.compare]
    }

    private static func operation(_ random: inout SplitMix64) -> Operation {
        switch random.below(20) {
        case 0...2: .add(random.range(below: versions, width: 3))
        case 3...7: .addNext(width: 1 + random.below(3))
        case 8...9: .remove(pick: random.below(16))
        case 10...13:
            .replace(
                pick: random.below(16), length: 1 + random.below(4), cut: random.below(3) == 0 ? random.below(8) : nil,
                staleAt: random.below(5) == 0 ? nil : random.time())
        case 14...16: .expire(by: random.time(), pinned: pins(&random))
        case 17: .recover(pick: random.below(16))
        case 18:
            .reload(
                order: random.next(),
                damage: random.below(4) == 0 ? [random.range(below: versions, width: versions)] : [])
        default: .compare
        }
    }

    private static func pins(_ random: inout SplitMix64) -> [Version] {
        (0..<random.below(3)).map { _ in random.version(below: versions) }
    }

    /// Plays the history on a tracker and on the model. nil when they agree all the time, else how they differ.
    static func problem(in history: [Operation]) -> String? {
        var play = HistoryPlay()
        for (index, operation) in history.enumerated() {
            if let problem = play.problem(in: operation) { return "operation \(index), \(operation): \(problem)" }
        }
        return nil
    }
}
