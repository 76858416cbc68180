internal import ClusterMetadata
public import TabletModel

/// How far the replicas of one load are, and what follows from it: a value without I/O, one for the push phase and one
/// for the publish phase. A phase is won when every tablet has a majority of its replicas.
///
/// A majority alone does not end a phase at once: replicas that are merely slower would be left behind and need repair.
/// They get until `stragglerDeadline`, unless their backend is gone.
public struct LoadProgress: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case waiting
        case done
        case failed(String)

        var isFailure: Bool { if case .failed = self { true } else { false } }
    }

    public enum Verdict: Hashable, Sendable {
        /// Some replica may still change the result.
        case undecided
        /// Every tablet has a majority, and nobody is worth waiting for.
        case won
        /// This tablet can't get a majority any more.
        case lost(TabletID, reason: String)
    }

    public struct Place: Hashable, Comparable, Sendable {
        public var tabletID: TabletID
        public var backendID: BackendID

        public init(_ tabletID: TabletID, _ backendID: BackendID) {
            self.tabletID = tabletID
            self.backendID = backendID
        }

        public static func < (left: Self, right: Self) -> Bool {
            (left.tabletID, left.backendID) < (right.tabletID, right.backendID)
        }
    }

    private var outcomes: [TabletID: [BackendID: Outcome]]
    /// What a majority is of; nil: of the tablet's replicas.
    private let wanted: Int?
    private(set) var waitingCount: Int
    private(set) var doneCount = 0
    private var majorityCount = 0
    /// Tablets of which too many replicas failed.
    private var lostTablets: Set<TabletID> = []

    /// - Parameters:
    ///   - replicas: the backends of every tablet; a replica that can't take part (its backend is dead, it missed a
    ///   version) is named with the reason in `excluded`.
    ///   - wanted: the table's replication count, of which a majority is needed, however many replicas a tablet has while
    ///   it is being repaired.
    public init(replicas: [TabletID: [BackendID]], excluded: [Place: String] = [:], wanted: Int? = nil) {
        self.wanted = wanted
        outcomes = replicas.mapValues { backends in
            Dictionary(backends.map { ($0, Outcome.waiting) }, uniquingKeysWith: { first, _ in first })
        }
        waitingCount = outcomes.values.reduce(0) { $0 + $1.count }
        for (place, reason) in excluded { fail(place, reason) }
    }

    public var tabletCount: Int { outcomes.count }
    public var replicaCount: Int { outcomes.values.reduce(0) { $0 + $1.count } }

    public func outcome(_ place: Place) -> Outcome? { outcomes[place.tabletID]?[place.backendID] }

    /// A late success counts although the replica was given up before.
    public mutating func succeed(_ place: Place) { set(place, .done) }

    /// A failure after a success is a message that came late, and is ignored.
    public mutating func fail(_ place: Place, _ reason: String) {
        if outcome(place) == .waiting { set(place, .failed(reason)) }
    }

    private mutating func set(_ place: Place, _ outcome: Outcome) {
        guard let old = outcomes[place.tabletID]?[place.backendID], old != outcome, old != .done else { return }
        if old == .waiting { waitingCount -= 1 }
        outcomes[place.tabletID]?[place.backendID] = outcome
        let replicas = outcomes[place.tabletID] ?? [:]
        let majority = needed(of: replicas.count)
        if replicas.count - replicas.values.count(where: \.isFailure) < majority {
            lostTablets.insert(place.tabletID)
        } else {
            lostTablets.remove(place.tabletID)
        }
        guard outcome == .done else { return }
        doneCount += 1
        if replicas.values.count(where: { $0 == .done }) == majority { majorityCount += 1 }
    }

    /// The others are gone, and count for nothing.
    public mutating func keep(_ tablets: Set<TabletID>) {
        guard outcomes.keys.contains(where: { !tablets.contains($0) }) else { return }
        outcomes = outcomes.filter { tablets.contains($0.key) }
        lostTablets.formIntersection(tablets)
        waitingCount = 0
        doneCount = 0
        majorityCount = 0
        for replicas in outcomes.values {
            let done = replicas.values.count { $0 == .done }
            waitingCount += replicas.values.count { $0 == .waiting }
            doneCount += done
            if done >= needed(of: replicas.count) { majorityCount += 1 }
        }
    }

    /// Every place of this backend that is still waited for fails.
    public mutating func lose(_ backend: BackendID, _ reason: String) {
        for place in waitingPlaces where place.backendID == backend { fail(place, reason) }
    }

    public var hasMajorityEverywhere: Bool { majorityCount == outcomes.count }

    /// - Parameters:
    ///   - waitsForStragglers: false once their time is over.
    ///   - behind: places that lack an earlier version, and so can't make this one readable: a majority is one without them.
    ///     They may catch up while stragglers are waited for.
    public func verdict(waitsForStragglers: Bool, notCounting behind: Set<Place> = []) -> Verdict {
        if hasMajorityEverywhere, behind.isEmpty || tabletWithoutMajority(notCounting: behind) == nil {
            return waitingCount == 0 || !waitsForStragglers ? .won : .undecided
        }
        for tablet in outcomes.keys.sorted() {
            guard let replicas = outcomes[tablet] else { continue }
            let failed = replicas.filter { if case .failed = $0.value { true } else { false } }
            guard replicas.count - failed.count < needed(of: replicas.count) else { continue }
            return .lost(tablet, reason: Self.describe(failed))
        }
        guard hasMajorityEverywhere, !waitsForStragglers, let tablet = tabletWithoutMajority(notCounting: behind) else {
            return .undecided
        }
        return .lost(tablet, reason: describe(tablet, behind))
    }

    /// Every tablet has at least one replica that came through, without those in `behind`.
    func hasOneEverywhere(notCounting behind: Set<Place>) -> Bool {
        outcomes.allSatisfy { tablet, replicas in
            replicas.contains { $0.value == .done && !behind.contains(Place(tablet, $0.key)) }
        }
    }

    func tabletWithoutMajority(notCounting behind: Set<Place>) -> TabletID? {
        outcomes.keys.sorted().first { tablet in
            let replicas = outcomes[tablet] ?? [:]
            let counted = replicas.count { $0.value == .done && !behind.contains(Place(tablet, $0.key)) }
            return counted < needed(of: replicas.count)
        }
    }

    private func describe(_ tablet: TabletID, _ behind: Set<Place>) -> String {
        let replicas = outcomes[tablet] ?? [:]
        let reasons = replicas.keys.sorted().compactMap { backend -> String? in
            switch replicas[backend] {
            case .failed(let reason)?: "backend \(backend): \(reason)"
            case .waiting?: "backend \(backend): no answer in time"
            case .done? where behind.contains(Place(tablet, backend)): "backend \(backend): it lacks an earlier version"
            default: nil
            }
        }
        return reasons.joined(separator: "; ")
    }

    private func needed(of replicas: Int) -> Int { majority(of: wanted ?? replicas) }

    var allPlaces: [Place] { places { _ in true } }
    public var waitingPlaces: [Place] { places { $0 == .waiting } }

    private func places(_ isWanted: (Outcome) -> Bool) -> [Place] {
        outcomes.flatMap { tablet, replicas in
            replicas.compactMap { isWanted($0.value) ? Place(tablet, $0.key) : nil }
        }.sorted()
    }

    private static func describe(_ failed: [BackendID: Outcome]) -> String {
        failed.keys.sorted().map { backend in
            guard case .failed(let reason)? = failed[backend] else { return "backend \(backend)" }
            return "backend \(backend): \(reason)"
        }.joined(separator: "; ")
    }
}
