import ClusterMetadata
import ClusterTestKit
import Platform
import TabletModel

@testable import SchemaChange

/// A random play of an alter that runs: loads commit and become visible, backends fill, fail, die and answer late. Beside the
/// FE's state stands what each new replica really holds.
struct AlterPlay {
    private struct Truth {
        var isFilled = false
        /// Versions whose rows it has, published or not.
        var taken: Set<Version> = []
        var published: Set<Version> = []
        /// What it answered when it was filled, and nobody heard yet.
        var answer: (version: Version, lacksOne: Bool)?
    }

    private(set) var scene = AlterScene()
    private(set) var events: [String] = []
    private var truth: [ReplicaKey: Truth] = [:]
    private var committed: [Version] = []
    private let random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        for tablet in AlterScene.new {
            for backend in AlterScene.backends { truth[AlterScene.key(tablet, backend)] = Truth() }
        }
    }

    private var keys: [ReplicaKey] { truth.keys.sorted() }

    mutating func step() {
        let key = keys[Int(random.next(below: UInt64(keys.count)))]
        switch random.next(below: 9) {
        case 0: commit()
        case 1, 2: publish(key)
        case 3: show()
        case 4, 5: fill(key)
        case 6: hear(key)
        case 7:
            scene.progress.noteFailure(key, "disk", now: .init(nanoseconds: 0))
            events.append("failure of \(key)")
        default:
            let backend = key.backendID
            let isAlive = scene.state.isAlive(backend)
            scene.state.updateStatus(of: backend) { $0.isAlive = !isAlive }
            events.append("backend \(backend) is \(isAlive ? "dead" : "alive")")
        }
    }

    /// As a load does it: every tablet has a majority that takes the rows and lacks nothing before.
    private mutating func commit() {
        let version = scene.part.nextVersion
        let missed = keys.filter { _ in random.oneIn(4) }
        for tablet in AlterScene.new {
            let takers = scene.state.tablets.replicas(of: tablet).filter { replica in
                !missed.contains(ReplicaKey(tabletID: tablet, backendID: replica.backendID))
                    && (replica.state == .alter || replica.versions.isComplete(upTo: scene.part.visibleVersion))
            }
            guard takers.count >= 2 else { return }
        }
        for key in keys where !missed.contains(key) { truth[key]?.taken.insert(version) }
        scene.commit(version, missed: missed)
        committed.append(version)
        events.append("commit \(version) without \(missed)")
    }

    private mutating func publish(_ key: ReplicaKey) {
        guard let version = committed.first, truth[key]?.taken.contains(version) == true else { return }
        truth[key]?.published.insert(version)
        events.append("\(key) publishes \(version)")
    }

    private mutating func show() {
        guard let version = committed.first else { return }
        let missed = keys.filter { truth[$0]?.published.contains(version) != true }
        guard AlterScene.new.allSatisfy({ tablet in missed.count { $0.tabletID == tablet } <= 1 }) else { return }
        committed.removeFirst()
        scene.show(version, missed: missed)
        events.append("visible \(version) without \(missed)")
    }

    /// The backend is done, and its answer is under way.
    private mutating func fill(_ key: ReplicaKey) {
        guard var one = truth[key], !one.isFilled else { return }
        one.isFilled = true
        let newest = one.published.max() ?? AlterScene.filled
        let all = AlterScene.filled.rawValue + 1..<newest.rawValue + 1
        one.answer = (max(newest, AlterScene.filled), all.contains { !one.published.contains(Version($0)) })
        truth[key] = one
        events.append("\(key) is filled")
    }

    private mutating func hear(_ key: ReplicaKey) {
        guard let answer = truth[key]?.answer else { return }
        truth[key]?.answer = nil
        scene.fill(key.tabletID, key.backendID.rawValue, version: answer.version, lacksOne: answer.lacksOne)
        events.append("heard \(key) at \(answer)")
    }

    /// What must not be; nil: all is well.
    var wrong: String? {
        guard case .majority = scene.readiness else { return nil }
        let visible = AlterScene.filled.rawValue + 1..<scene.part.visibleVersion.rawValue + 1
        for tablet in AlterScene.new {
            let holders = keys.filter { $0.tabletID == tablet }.compactMap { truth[$0] }.filter { one in
                one.isFilled && visible.allSatisfy { one.published.contains(Version($0)) }
            }
            guard holders.count >= 2 else { return "tablet \(tablet) is whole on \(holders.count)" }
            for version in committed where holders.count(where: { $0.taken.contains(version) }) < 2 {
                return "tablet \(tablet) has version \(version) on less than a majority"
            }
        }
        return nil
    }
}
