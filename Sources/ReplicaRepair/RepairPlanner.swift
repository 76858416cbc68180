internal import ClusterMetadata
internal import MasterServices
internal import TabletModel

/// Decides what to do about one tablet: pure. What it decides is judged once more when it is journaled.
struct RepairPlanner {
    let configuration: RepairConfiguration
    let facts: RepairFacts
    /// Clones at work on each disk.
    var slots: [DiskPlace: Int]
    var allowsSameHost = false
    var highWatermarkPermille = 850
    /// Where a new replica of this tablet could not be made before: taken last.
    var avoided: Set<BackendID> = []

    /// - Parameter attempts: repairs of this tablet that failed. Where there are several things to do or ways to do one, the
    ///   next is tried after each failure, so that none waits behind one that never succeeds.
    func decide(_ subject: RepairSubject, _ health: TabletHealth, attempts: Int) -> RepairDecision {
        switch health.status {
        case .healthy: .nothing("")
        case .unrecoverable, .replicaUnreadable: .nothing(health.reason)
        case .redundant, .forceRedundant: dropSurplus(subject)
        case .versionIncomplete, .replicaBad, .replicaMissing, .replicaRelocating: clone(subject, health, attempts)
        }
    }

    // MARK: Clone

    private func clone(_ subject: RepairSubject, _ health: TabletHealth, _ attempts: Int) -> RepairDecision {
        let options = options(subject, attempts)
        guard !options.isEmpty else { return .wait(missingDestination(subject)) }
        var refusals: [String] = []
        for turn in options.indices {
            let option = options[(turn + attempts) % options.count]
            switch operation(option, subject) {
            case .success(let operation): return .clone(operation)
            case .failure(let refusal): refusals.append(refusal.reason)
            }
        }
        return .wait(refusals.first ?? "nothing can be cloned")
    }

    private struct Option {
        var target: CloneOperation.Target
        var destination: DiskPlace
    }

    private struct Refusal: Error {
        var reason: String
    }

    /// What could be cloned, the most useful first.
    private func options(_ subject: RepairSubject, _ attempts: Int) -> [Option] {
        let conditions = subject.replicas.map { facts.condition(of: $0, visible: subject.visible) }
        func replicas(_ condition: ReplicaCondition) -> [Replica] {
            zip(subject.replicas, conditions).filter { $1 == condition }.map(\.0)
        }
        // What lacks least first: it is readable soonest.
        let behind = replicas(.behind).sorted { ($1.versions.version, $0.id) < ($0.versions.version, $1.id) }
        let bad = replicas(.bad)
        var options = (behind + bad).map { Option(target: .inPlace($0.id), destination: place(of: $0)) }
        options += replicas(.cloning).map { Option(target: .resumed($0.id), destination: place(of: $0)) }
        if needsPlace(subject, conditions, attempts), let destination = destination(subject) {
            options.append(Option(target: .new, destination: destination))
        }
        return options
    }

    /// There are too few replicas, or some can't be made whole where they are: their disk is full, say. One is made elsewhere
    /// at a time, and none once as many are good as are wanted.
    private func needsPlace(_ subject: RepairSubject, _ conditions: [ReplicaCondition], _ attempts: Int) -> Bool {
        let promising = conditions.count { [.good, .away, .cloning, .unreadable].contains($0) }
        let ill = conditions.count { $0 == .behind || $0 == .bad }
        if promising + ill < subject.wanted { return true }
        // What all sources lack would be lacking there too.
        let hasWhole = conditions.contains { $0 == .good || $0 == .leaving }
        let isStuck = zip(subject.replicas, conditions).contains { replica, condition in
            (condition == .behind || condition == .bad) && refusesRows(replica)
        }
        return (isStuck || attempts >= configuration.attemptsInPlace) && promising < subject.wanted && hasWhole
            && !conditions.contains(.cloning)
    }

    /// On a disk that is full or read-only it can't be made whole.
    private func refusesRows(_ replica: Replica) -> Bool {
        facts.backends[replica.backendID]?.refusal(replica.pathHash) != nil
    }

    /// The disk the replica is on, or another one of its backend when that is offline.
    private func place(of replica: Replica) -> DiskPlace {
        let isOffline = facts.backends[replica.backendID]?.isOffline(replica.pathHash) == true
        let path = isOffline ? freestDisk(of: replica.backendID)?.pathHash ?? 0 : replica.pathHash
        return DiskPlace(backendID: replica.backendID, pathHash: path)
    }

    private func operation(_ option: Option, _ subject: RepairSubject) -> Result<CloneOperation, Refusal> {
        if option.target != .new,
            let refusal = facts.backends[option.destination.backendID]?
                .refusal(option.destination.pathHash)
        {
            return .failure(Refusal(reason: "waits for backend \(option.destination.backendID): \(refusal)"))
        }
        if facts.backends[option.destination.backendID]?.hasOurRows == false {
            return .failure(
                Refusal(
                    reason: "backend \(option.destination.backendID) is one of Doris, whose rows are of another format")
            )
        }
        guard hasFreeSlot(option.destination) else {
            return .failure(Refusal(reason: "waits for a free slot on \(option.destination)"))
        }
        let sources = sources(subject, for: option.destination.backendID)
        guard !sources.isEmpty else {
            return .failure(Refusal(reason: "waits for another replica to copy from: none is on a living backend"))
        }
        let whole = sources.filter { isWhole($0, subject) }
        let candidates = whole.isEmpty ? Array(sources.prefix(1)) : whole
        guard let first = candidates.first(where: { hasFreeSlot(DiskPlace($0)) }) else {
            return .failure(Refusal(reason: "waits for a free slot on \(DiskPlace(candidates[0]))"))
        }
        let ordered = [first] + sources.filter { $0.id != first.id }
        return .success(
            CloneOperation(
                tabletID: subject.id, target: option.target, destination: option.destination,
                sources: ordered.map(\.backendID), source: DiskPlace(first), version: subject.visible,
                lease: lease(for: subject)))
    }

    /// Complete ones first, then those that have most: replicas with different gaps hold everything together.
    private func sources(_ subject: RepairSubject, for destination: BackendID) -> [Replica] {
        let found = subject.replicas.filter { $0.backendID != destination && facts.isSource($0) }
        return found.sorted { left, right in
            let (wholeLeft, wholeRight) = (isWhole(left, subject), isWhole(right, subject))
            if wholeLeft != wholeRight { return wholeLeft }
            if left.versions.version != right.versions.version {
                return left.versions.version > right.versions.version
            }
            return (used(DiskPlace(left)), left.id) < (used(DiskPlace(right)), right.id)
        }
    }

    private func isWhole(_ replica: Replica, _ subject: RepairSubject) -> Bool {
        replica.versions.isComplete(upTo: subject.visible)
            && facts.backends[replica.backendID]?.unreadable[replica.id] == nil
    }

    private func lease(for subject: RepairSubject) -> Duration {
        let bytes = subject.replicas.map(\.dataSizeBytes).max() ?? 0
        let bySize = Duration.seconds(bytes / max(configuration.minCloneBytesPerSecond, 1))
        return min(max(bySize, configuration.minCloneTimeout), configuration.maxCloneTimeout)
    }

    // MARK: Slots

    func used(_ place: DiskPlace) -> Int { slots[place] ?? 0 }
    func hasFreeSlot(_ place: DiskPlace) -> Bool { used(place) < configuration.slotsPerPath }
}

extension DiskPlace {
    init(_ replica: Replica) { self.init(backendID: replica.backendID, pathHash: replica.pathHash) }
}
