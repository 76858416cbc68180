internal import Synchronization

/// What a run has shown.
extension DorisFrontend {
    /// Tasks that were sent more often than once and once more (a report may have been on its way), with their causes.
    public func repeats(beyond limit: Int = 2) -> [String] {
        state.withLock { state in
            state.sent.filter { $0.key.cause != Self.statement && $0.value > limit }
                .map { "\($0.key) (×\($0.value))" }.sorted()
        }
    }

    /// Corrections that a backend's latest tablet reports, so many, still caused.
    public func recentCorrections(reports: Int) -> [String] {
        state.withLock { state in
            let recent = state.corrections.filter { state.round($0.task.backend) - $0.round <= reports }
            return Set(recent.map { "\($0.task)" }).sorted()
        }
    }

    /// Entries that reports would have had journaled more than once.
    public var repeatedJournalEntries: [String] {
        state.withLock { $0.journal.filter { $0.value > 1 }.map { "\($0.key) (×\($0.value))" }.sorted() }
    }

    public var journalEntries: [String] { state.withLock { $0.journal.keys.sorted() } }

    /// What has been told to a backend and has not ended.
    public var queued: [String] {
        state.withLock { state in
            state.queue.keys.map {
                "\(state.year.schema.name($0.type, of: "TTaskType")) \($0.signature) on \($0.backend)"
            }.sorted()
        }
    }

    /// Ends of one task, told more often than once; a task that this frontend sent twice may end twice.
    public var repeatedEnds: [String] {
        state.withLock { state in
            state.ends.compactMap { key, ends in
                let name = state.year.schema.name(key.type, of: "TTaskType")
                let sent = state.sent.filter {
                    $0.key.backend == key.backend && $0.key.type == name && $0.key.signature == key.signature
                }.reduce(0) { $0 + $1.value }
                guard key.signature != -1, ends.count > max(1, sent) else { return nil }
                return "\(name) \(key.signature) on \(key.backend) ended \(ends.count) times, sent \(sent) times"
            }.sorted()
        }
    }

    public var invisibleTransactions: [Int64] {
        state.withLock { state in
            state.transactions.values.filter { !$0.isVisible && !$0.isAborted && $0.version > 0 }.map(\.id).sorted()
        }
    }

    /// Replicas whose last report is not what the metadata say.
    public var differences: [String] {
        state.withLock { state in
            state.replicas.values.flatMap { $0 }.flatMap { replica -> [String] in
                guard let tablet = state.tablets[replica.tablet] else { return [] }
                let place = "tablet \(replica.tablet) on \(replica.backend)"
                guard let info = replica.reported else { return ["\(place): never reported"] }
                var lines: [String] = []
                let visible = state.visible[tablet.partitionID] ?? 1
                if info.number("version") != visible {
                    lines.append("\(place): version is \(info.number("version") ?? -1), not \(visible)")
                }
                if replica.lastFailed >= 0 { lines.append("\(place): failed since version \(replica.lastFailed)") }
                if info.flag("is_in_memory") ?? false != tablet.isInMemory { lines.append("\(place): is_in_memory") }
                if info.number("replica_id") != replica.id { lines.append("\(place): replica_id") }
                if info.number("partition_id") != tablet.partitionID { lines.append("\(place): partition_id") }
                return lines + cooldownDifferences(tablet, info, state, place)
            }.sorted()
        }
    }

    private func cooldownDifferences(
        _ tablet: PeerTablet, _ info: WireRecord, _ state: FrontendState, _ place: String
    ) -> [String] {
        if state.year.isLate {
            let wanted = tablet.policyID == nil ? nil : tablet.cooldownTerm
            return info.number("cooldown_term") == wanted
                ? []
                : [
                    "\(place): cooldown_term is \(info.number("cooldown_term").map(String.init) ?? "unset"), not "
                        + "\(wanted.map(String.init) ?? "unset")"
                ]
        }
        var lines: [String] = []
        if info.flag("is_cooldown") ?? false != (tablet.policyID != nil) { lines.append("\(place): is_cooldown") }
        if tablet.policyID != nil, info.number("cooldown_replica_id") != tablet.cooldownReplica {
            lines.append("\(place): cooldown_replica_id is \(info.number("cooldown_replica_id") ?? -1)")
        }
        return lines
    }

    /// 2026: backends whose reported policies are not the frontend's.
    public var policyDifferences: [String] {
        state.withLock { state in
            guard state.year.isLate else { return [] }
            let wanted = Dictionary(uniqueKeysWithValues: state.policies.map { ($0.id, $0.version) })
            let stores = Dictionary(uniqueKeysWithValues: state.policies.map { ($0.resourceID, $0.resourceVersion) })
            return state.backends.sorted { $0.key < $1.key }.compactMap { id, backend in
                guard let have = backend.policies, let haveStores = backend.resources else {
                    return "backend \(id) has reported no policies (TReportRequest 9 and 10)"
                }
                return have == wanted && stores.allSatisfy { haveStores[$0.key] == $0.value }
                    ? nil
                    : "backend \(id) has policies \(have) and resources \(haveStores), not \(wanted) and \(stores)"
            }
        }
    }

    /// Reports of a kind (tasks, disks, tablets, policies) by the backend that has sent fewest.
    public func fewestReports(_ kind: String) -> Int {
        state.withLock { state in state.backends.values.map { $0.reports[kind] ?? 0 }.min() ?? 0 }
    }

    public var heartbeats: Int { state.withLock { $0.backends.values.map(\.heartbeats).min() ?? 0 } }
}
