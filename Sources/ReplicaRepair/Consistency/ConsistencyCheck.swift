internal import ClusterMetadata
internal import HTTPAPI
internal import TabletModel

/// One comparison of a tablet's replicas at one version: which were asked, what they answered, and what follows. A
/// value without I/O.
struct ConsistencyCheck: Sendable {
    typealias State = ConsistencyCheckView.State

    fileprivate enum Answer: Hashable {
        case waited
        case checksum(Int64)
        case failed(String)
        /// The replica can't have every row of the version, or nobody can reach it.
        case notAsked(String)
    }

    fileprivate struct Place {
        var replicaID: ReplicaID
        var backendID: BackendID
        var answer: Answer
    }

    let request: CheckConsistencyRequest
    private let startedAt: UnixTime
    private(set) var state = State.running
    private(set) var endedAt: UnixTime?
    private(set) var message = ""
    /// In replica order.
    private var places: [Place]

    /// - Parameter reasons: why a replica is left out, by backend.
    init(
        _ request: CheckConsistencyRequest, replicas: [Replica], leavingOut reasons: [BackendID: String],
        at now: UnixTime
    ) {
        self.request = request
        startedAt = now
        places = replicas.map { replica in
            Place(
                replicaID: replica.id, backendID: replica.backendID,
                answer: reasons[replica.backendID].map { .notAsked($0) } ?? .waited)
        }
    }

    /// Backends that still owe an answer, in replica order.
    var waitedFor: [BackendID] { places.filter { $0.answer == .waited }.map(\.backendID) }

    // MARK: Events. Each is passed over when the check has ended or does not wait for the backend; true: it ended now.

    mutating func answered(_ checksum: Int64, by backend: BackendID, at now: UnixTime) -> Bool {
        set(.checksum(checksum), of: backend, at: now)
    }

    mutating func failed(_ reason: String, on backend: BackendID, at now: UnixTime) -> Bool {
        set(.failed(reason), of: backend, at: now)
    }

    /// Whoever has not answered by now has failed.
    mutating func timedOut(at now: UnixTime) -> Bool {
        guard state == .running else { return false }
        for place in places.indices where places[place].answer == .waited {
            places[place].answer = .failed("no answer in time")
        }
        judge(at: now)
        return true
    }

    private mutating func set(_ answer: Answer, of backend: BackendID, at now: UnixTime) -> Bool {
        guard state == .running,
            let place = places.firstIndex(where: { $0.backendID == backend && $0.answer == .waited })
        else { return false }
        places[place].answer = answer
        guard waitedFor.isEmpty else { return false }
        judge(at: now)
        return true
    }

    // MARK: Verdict

    /// Different checksums are an inconsistency, whoever else did not answer. Equal ones are a pass only when every
    /// replica that was asked gave one: a check that could not look everywhere says so.
    private mutating func judge(at now: UnixTime) {
        endedAt = now
        let failures = places.compactMap { place -> String? in
            guard case .failed(let reason) = place.answer else { return nil }
            return "backend \(place.backendID): \(reason)"
        }
        let groups = backendsByChecksum
        if groups.count > 1 {
            state = .inconsistent
            message = describe(groups)
        } else if !failures.isEmpty {
            state = .failed
            message = failures.joined(separator: "; ")
        } else {
            state = .consistent
            let compared = groups.first?.backends.count ?? 0
            message = compared == 1 ? "one replica: its rows can be read, there is nothing to compare them with" : ""
        }
    }

    /// Largest group first, then by the first backend.
    private var backendsByChecksum: [(checksum: Int64, backends: [BackendID])] {
        var groups: [(checksum: Int64, backends: [BackendID])] = []
        for place in places {
            guard case .checksum(let checksum) = place.answer else { continue }
            if let group = groups.firstIndex(where: { $0.checksum == checksum }) {
                groups[group].backends.append(place.backendID)
            } else {
                groups.append((checksum, [place.backendID]))
            }
        }
        return groups.sorted { $0.backends.count > $1.backends.count }
    }

    /// Backends whose rows differ from those of a strict majority of the answers; empty when there is no such majority.
    var outvoted: [BackendID] {
        let groups = backendsByChecksum
        let answers = groups.reduce(0) { $0 + $1.backends.count }
        guard let first = groups.first, groups.count > 1, first.backends.count * 2 > answers else { return [] }
        return groups.dropFirst().flatMap(\.backends).sorted()
    }

    private func describe(_ groups: [(checksum: Int64, backends: [BackendID])]) -> String {
        let sides = groups.map { group in
            "\(group.checksum) on \(group.backends.map(\.description).joined(separator: ", "))"
        }
        let differing = outvoted
        let verdict =
            differing.isEmpty
            ? "no majority" : "differing from the majority: \(differing.map(\.description).joined(separator: ", "))"
        return "\(verdict); checksums: \(sides.joined(separator: "; "))"
    }

    var view: ConsistencyCheckView {
        ConsistencyCheckView(
            tabletID: request.tabletID, version: request.version, state: state, replicas: places.map(\.result),
            startedMs: startedAt.milliseconds, endedMs: endedAt?.milliseconds ?? 0, message: message)
    }
}

extension ConsistencyCheck.Place {
    fileprivate var result: ConsistencyCheckView.ReplicaResult {
        var result = ConsistencyCheckView.ReplicaResult(
            replicaID: replicaID, backendID: backendID, checksum: nil, error: "")
        switch answer {
        case .waited: break
        case .checksum(let checksum): result.checksum = checksum
        case .failed(let reason): result.error = reason
        case .notAsked(let reason): result.error = "not asked: \(reason)"
        }
        return result
    }
}
