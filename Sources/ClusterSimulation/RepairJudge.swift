internal import HTTPAPI
internal import MasterCore
internal import StorageEngine
internal import TabletModel

/// Looks behind the FE's back whether a task is safe: at what the machines hold, not at what the FE believes.
struct RepairJudge: Sendable {
    let frontends: FrontendDirectory
    let backends: [SimulatedBackend]
    let watch: RepairWatch

    func wrong(with task: AgentTask, to host: String) -> [String] {
        guard let master = frontends.leading?.master else { return [] }
        switch task.payload {
        case .drop(let request) where !request.isDropTableOrPartition: return dropping(request, from: host, master)
        case .clone: return slots(master)
        default: return []
        }
    }

    /// A replica that has every visible version may go only while another registered one has them too.
    private func dropping(_ request: DropTabletRequest, from host: String, _ master: Master) -> [String] {
        let tablet: TabletView
        do {
            tablet = try master.tablet(request.tabletID)
        } catch {
            // Its table is gone, or the FE is just going down: then nothing of it counts any more.
            return []
        }
        guard holds(tablet.id, upTo: tablet.visibleVersion, on: host) else { return [] }
        let others = tablet.replicas.filter {
            $0.host != host && holds(tablet.id, upTo: tablet.visibleVersion, on: $0.host)
        }
        guard others.isEmpty else { return [] }
        return ["the FE drops the last whole replica of tablet \(tablet.id), on \(host)"]
    }

    private func holds(_ tablet: TabletID, upTo version: Version, on host: String) -> Bool {
        guard let backend = backends.first(where: { $0.heartbeatAddress.host == host }) else { return false }
        guard let engine = backend.engine, engine.isLoaded else {
            return watch.held(tablet, on: host).map { $0 >= version } ?? false
        }
        return backend.wholeVersions[tablet].map { $0 >= version } ?? false
    }

    func slots(_ master: Master) -> [String] {
        do {
            return try master.scheduler().slots.filter { $0.used > $0.total }.map {
                "\($0.used) clones on backend \($0.backendID), path \($0.pathHash), which has \($0.total) slots"
            }
        } catch {
            return ["the scheduler can't be looked at: \(error)"]
        }
    }
}

extension SimulatedBackend {
    /// The end of each tablet's gap-free versions; empty while the BE is down.
    var wholeVersions: [TabletID: Version] {
        Dictionary(
            (engine?.allTablets ?? []).map { ($0.id, $0.snapshot.maxContinuousVersion) },
            uniquingKeysWith: { first, _ in first })
    }
}
