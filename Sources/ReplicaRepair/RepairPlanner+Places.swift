internal import ClusterMetadata
internal import TabletModel

// Where a new replica goes, and which surplus one leaves.
extension RepairPlanner {
    /// The best disk for one more replica of the tablet: on another host if there is one, on the backend with the fewest
    /// replicas, on its emptiest disk. A disk without a free slot is taken only when no other can be: then it is waited for.
    func destination(_ subject: RepairSubject) -> DiskPlace? {
        struct Candidate {
            var place: DiskPlace
            var isAvoided: Bool
            var sharesHost: Bool
            var lacksSlot: Bool
            var replicas: Int
            var usedPermille: Int
        }
        let hosts = hosts(of: subject)
        var candidates: [Candidate] = []
        for id in facts.backends.keys.sorted() where refusal(of: id, for: subject, hosts) == nil {
            guard let backend = facts.backends[id] else { continue }
            let disk = freestDisk(of: id)
            let place = DiskPlace(backendID: id, pathHash: disk?.pathHash ?? 0)
            candidates.append(
                Candidate(
                    place: place, isAvoided: avoided.contains(id), sharesHost: hosts.contains(backend.address.host),
                    lacksSlot: !hasFreeSlot(place),
                    replicas: backend.replicaCount, usedPermille: disk?.usedPermille ?? 0))
        }
        let best = candidates.min { left, right in
            if left.isAvoided != right.isAvoided { return right.isAvoided }
            if left.lacksSlot != right.lacksSlot { return right.lacksSlot }
            if left.sharesHost != right.sharesHost { return right.sharesHost }
            return (left.replicas, left.usedPermille, left.place) < (right.replicas, right.usedPermille, right.place)
        }
        return best?.place
    }

    /// Why a new replica found no place.
    func missingDestination(_ subject: RepairSubject) -> String {
        let hosts = hosts(of: subject)
        let reasons = facts.backends.keys.sorted().compactMap { id in
            refusal(of: id, for: subject, hosts).map { "backend \(id) \($0)" }
        }
        let known = reasons.isEmpty ? "there is no backend" : reasons.joined(separator: ", ")
        return "no backend can take another replica: \(known); add a backend"
    }

    /// Hosts of the replicas that stay.
    private func hosts(of subject: RepairSubject) -> Set<String> {
        Set(staying(subject).compactMap { facts.backends[$0.backendID]?.address.host })
    }

    /// Shards of the replicas that stay.
    private func shards(of subject: RepairSubject) -> Set<UInt32> {
        Set(staying(subject).compactMap { facts.backends[$0.backendID]?.place?.shard })
    }

    private func staying(_ subject: RepairSubject) -> [Replica] {
        subject.replicas.filter {
            let condition = facts.condition(of: $0, visible: subject.visible)
            return condition != .gone && condition != .leaving
        }
    }

    private func refusal(of id: BackendID, for subject: RepairSubject, _ hosts: Set<String>) -> String? {
        guard let backend = facts.backends[id] else { return "is unknown" }
        if subject.replicas.contains(where: { $0.backendID == id }) { return "holds one already" }
        if !backend.isAlive { return "is dead" }
        if backend.isLate { return "sends no reports" }
        if backend.isDecommissioned { return "is being drained" }
        if !backend.holdsTablets { return "holds no tablets" }
        if !backend.hasOurRows { return "is one of Doris, whose rows are of another format" }
        if let cluster = subject.cluster {
            guard let place = backend.place, place.cluster == cluster else { return "is not in cluster \(cluster)" }
            if shards(of: subject).contains(place.shard) { return "is in shard \(place.shard), which has one already" }
        }
        if !allowsSameHost, hosts.contains(backend.address.host) { return "is on a host that has one already" }
        if !backend.disks.isEmpty, freestDisk(of: id) == nil {
            let refusals = backend.disks.filter(\.isOnline).map(\.refusal).filter { !$0.isEmpty }
            return "has no disk with room" + (refusals.isEmpty ? "" : " (\(refusals.joined(separator: ", ")))")
        }
        return nil
    }

    /// The online disk below the high watermark with a free slot and the most room.
    func freestDisk(of id: BackendID) -> BackendFacts.Disk? {
        let disks =
            facts.backends[id]?.disks.filter {
                $0.isOnline && $0.refusal.isEmpty && $0.usedPermille < highWatermarkPermille
            } ?? []
        return disks.min { left, right in
            let (busyLeft, busyRight) = (
                !hasFreeSlot(DiskPlace(backendID: id, pathHash: left.pathHash)),
                !hasFreeSlot(DiskPlace(backendID: id, pathHash: right.pathHash))
            )
            if busyLeft != busyRight { return busyRight }
            return (left.usedPermille, left.pathHash) < (right.usedPermille, right.pathHash)
        }
    }

    /// Those that count for nothing go first, then the one on the fullest backend; the uploader of a cooled tablet last.
    func dropSurplus(_ subject: RepairSubject) -> RepairDecision {
        let uploader = subject.tablet.cooldownReplicaID
        let hosts = Dictionary(
            subject.replicas.map { (facts.backends[$0.backendID]?.address.host ?? "", 1) }, uniquingKeysWith: +)
        func rank(_ replica: Replica) -> (Int, Int, Int, Int, Int64) {
            let backend = facts.backends[replica.backendID]
            let sharesHost = hosts[backend?.address.host ?? "", default: 0] > 1
            let usedPermille = backend?.disks.map(\.usedPermille).max() ?? 0
            return (
                facts.condition(of: replica, visible: subject.visible).surplusRank, replica.id == uploader ? 1 : 0,
                sharesHost ? 0 : 1, -((backend?.replicaCount ?? 0) * 1000 + usedPermille), -replica.id.rawValue
            )
        }
        guard let surplus = subject.replicas.min(by: { rank($0) < rank($1) }) else { return .nothing("") }
        let refusal = ReplicaSafety.refusal(
            dropping: surplus, of: subject.replicas, visible: subject.visible, keeping: subject.wanted, facts: facts)
        if let refusal { return .wait("the replica on backend \(surplus.backendID) stays: \(refusal)") }
        return .drop(
            ReplicaKey(tabletID: subject.id, backendID: surplus.backendID), surplus.id, keeping: subject.wanted)
    }
}

extension ReplicaCondition {
    /// What is dropped first when there are too many.
    fileprivate var surplusRank: Int {
        switch self {
        case .gone: 0
        case .cloning: 1
        case .bad: 2
        case .behind: 3
        case .unreadable: 4
        case .leaving: 5
        case .away: 6
        case .good: 7
        }
    }
}
