import ClusterTestKit
import Platform
import TabletModel
import Testing

@testable import ClusterMetadata

/// Random histories of one replica beside what its disk really holds. Whatever the master saw, a replica that again holds
/// every visible version is healthy after its next whole report.
@Suite struct ReplicaVersionsHistoryTests {
    private enum Step: CustomStringConvertible {
        case load(takesRows: Bool, publishes: Bool, seesEnd: Bool)
        /// A newer version than the FE knows is found on the replica.
        case update(ahead: Int64)
        case loseVersion(Int64)
        /// The backend comes up with an older disk.
        case oldDisk(Int64)
        case report
        case clone
        case latePublish

        var description: String {
            switch self {
            case .load(let takesRows, let publishes, let seesEnd):
                "load(takesRows: \(takesRows), publishes: \(publishes), seesEnd: \(seesEnd))"
            case .update(let ahead): "update(+\(ahead))"
            case .loseVersion(let version): "lose(\(version))"
            case .oldDisk(let version): "oldDisk(\(version))"
            case .report: "report"
            case .clone: "clone"
            case .latePublish: "latePublish"
            }
        }
    }

    /// What is true, and what the master makes of it.
    private struct Model {
        var held: Set<Int64> = [1]
        var visible = Version(1)
        var known = ReplicaVersions(version: 1)

        var newest: Version { Version(held.max() ?? -1) }
        var isWhole: Bool { held.count == Int(newest.rawValue) }
        var holdsAllVisible: Bool { (1...visible.rawValue).allSatisfy(held.contains) }

        mutating func report() {
            if newest < known.version {
                known.regressed(to: newest, isMissing: !isWhole, visible: visible)
            } else if isWhole {
                known.reportedWhole(newest, visible: visible)
            } else {
                known.reportedMissing()
            }
        }

        mutating func take(_ step: Step) {
            switch step {
            case .load(let takesRows, let publishes, let seesEnd):
                let version = visible.next
                if takesRows, publishes { held.insert(version.rawValue) }
                if !takesRows { known.failed(version) }
                if takesRows, publishes, seesEnd {
                    known.published(version, visibleBefore: visible)
                } else {
                    known.failed(version)
                }
                visible = version
            case .update(let ahead):
                let version = Version(visible.rawValue + ahead)
                known.update(version: version, lastFailed: .none, lastSuccess: version)
                held.formUnion(1...version.rawValue)
            case .loseVersion(let version): if held.count > 1 { held.remove(version) }
            case .oldDisk(let version): held = held.filter { $0 <= max(version, held.min() ?? 1) }
            case .report: report()
            case .clone:
                held.formUnion(1...visible.rawValue)
                if isWhole { known.cloned(to: newest, visible: visible) }
            case .latePublish: held.formUnion(1...visible.rawValue)
            }
        }
    }

    private static func history(_ seed: UInt64) -> [Step] {
        let random = SeededRandom(seed: seed)
        return (0..<(5 + random.next(below: 40))).map { _ in
            let any = Int64(1 + random.next(below: 20))
            switch random.next(below: 10) {
            case 0...3:
                return .load(
                    takesRows: random.next(below: 4) > 0, publishes: random.next(below: 4) > 0,
                    seesEnd: random.next(below: 4) > 0)
            case 4: return .update(ahead: Int64(random.next(below: 2)))
            case 5: return .loseVersion(any)
            case 6: return .oldDisk(any)
            case 7: return .report
            case 8: return .clone
            default: return .latePublish
            }
        }
    }

    /// Why the history is wrong; nil when it is right.
    private static func fault(_ history: [Step]) -> String? {
        var model = Model()
        for step in history {
            model.take(step)
            if model.known.lastFailed != .none, model.known.lastFailed <= model.known.version {
                return "failed version \(model.known.lastFailed) is not above version \(model.known.version)"
            }
            var reported = model
            reported.report()
            if reported.isWhole, reported.holdsAllVisible, !reported.known.isComplete(upTo: reported.visible) {
                return "whole at \(reported.newest) of \(reported.visible), but \(reported.known) after a report"
            }
            if !reported.holdsAllVisible, reported.known.isComplete(upTo: reported.visible) {
                return "incomplete at \(reported.newest) of \(reported.visible), but \(reported.known) after a report"
            }
            var healed = model
            healed.held = Set(1...max(healed.visible, healed.known.version).rawValue)
            healed.report()
            if !healed.known.isComplete(upTo: healed.visible) { return "stuck: \(healed.known) of \(healed.visible)" }
            healed.take(.load(takesRows: true, publishes: true, seesEnd: true))
            if !healed.known.isComplete(upTo: healed.visible) { return "healed, and lost again: \(healed.known)" }
        }
        return nil
    }

    /// Leaves out steps for as long as the history stays wrong.
    private static func shrunk(_ history: [Step]) -> [Step] {
        var history = history
        var place = 0
        while place < history.count {
            var shorter = history
            shorter.remove(at: place)
            if fault(shorter) == nil { place += 1 } else { (history, place) = (shorter, 0) }
        }
        return history
    }

    @Test func noHistoryLeavesAReplicaStuckOrWronglyHealthy() {
        for seed in UInt64(1)...20_000 {
            let history = Self.history(seed)
            guard Self.fault(history) != nil else { continue }
            let least = Self.shrunk(history)
            Issue.record("seed \(seed): \(Self.fault(least) ?? ""); \(least)")
            return
        }
    }
}
