internal import AgentTasks
internal import ClusterMembership
internal import ClusterMetadata
public import HTTPAPI
internal import Logging
internal import MasterServices
internal import ReplicaRepair
public import TabletModel

extension Master {
    public func addBackend(_ address: NetworkAddress) throws -> BackendView {
        let backend = try environment.refused { try addresses.add(address) }
        environment.store.observe { state in state.updateStatus(of: backend.id) { $0.isNewcomer = true } }
        heartbeats.heartbeatNow(backend.id)
        return view(of: backend)
    }

    public func dropBackend(_ address: NetworkAddress, force: Bool) throws {
        let backend = try environment.refused { try environment.store.dropBackend(address, force: force) }
        events.dropped(backend.id)
    }

    public func setDecommissioned(_ address: NetworkAddress, _ decommissioned: Bool) throws -> BackendView {
        let backend = try environment.refused { try environment.store.setDecommissioned(address, decommissioned) }
        repairs.decommissionChanged()
        return view(of: backend)
    }

    public func moveBackend(_ address: NetworkAddress, to new: NetworkAddress) throws -> BackendView {
        let backend = try environment.refused { try addresses.move(address, to: new) }
        environment.logger.notice(
            "a backend has another address",
            metadata: ["backend": "\(backend.id)", "from": "\(address)", "to": "\(backend.heartbeatAddress)"])
        heartbeats.heartbeatNow(backend.id)
        return view(of: backend)
    }

    private var addresses: BackendAddresses {
        BackendAddresses(store: environment.store) { [heartbeats] in heartbeats.probe($0) }
    }

    public func backends() throws -> [BackendView] {
        environment.store.read { $0.backends }.map { view(of: $0) }
    }

    private func view(of backend: Backend) -> BackendView {
        let (status, tablets, warnings) = environment.store.read { state in
            (
                state.status(of: backend.id), state.tablets.tablets(on: backend.id).count,
                state.warnings(about: backend)
            )
        }
        let silence = environment.signs.lastHeard(from: backend.id).map { environment.monotonicNow - $0 } ?? .zero
        return BackendView(
            id: backend.id, host: backend.host, heartbeatPort: backend.heartbeatPort, bePort: backend.bePort,
            httpPort: backend.httpPort, isAlive: status.isAlive, isDecommissioned: backend.isDecommissioned,
            version: backend.version, lastStartMs: backend.startedAt?.milliseconds ?? 0,
            lastHeartbeatMs: status.lastHeartbeatAt?.milliseconds ?? 0, heartbeatError: status.heartbeatError,
            failingSinceMs: status.failingSince?.milliseconds ?? 0,
            reportLateMs: status.lateSince == nil ? 0 : silence.wholeMilliseconds,
            uuid: backend.uuid?.description ?? "",
            warnings: warnings,
            tabletCount: Int64(tablets), queuedTasks: Int64(environment.tasks.count(of: backend.id)),
            lastTabletReportMs: status.lastTabletReportAt?.milliseconds ?? 0,
            lastDiskReportMs: status.lastDiskReportAt?.milliseconds ?? 0,
            disks: status.disks.map { DiskView($0) })
    }
}

extension ClusterState {
    /// What is odd about a backend though its heartbeats are answered.
    fileprivate func warnings(about backend: Backend) -> [String] {
        backends.filter { status(of: $0.id).answersAs == backend.id }.map { other in
            "\(other.heartbeatAddress) (backend \(other.id)) has its uuid, too: a second address of it, or a copy of its data "
                + "dirs; drop that one"
        }
    }
}

extension DiskView {
    init(_ disk: DiskReport) {
        self.init(
            rootPath: disk.rootPath, pathHash: disk.pathHash, medium: disk.medium.description,
            totalBytes: disk.totalBytes, availableBytes: disk.availableBytes, dataUsedBytes: disk.dataUsedBytes,
            remoteUsedBytes: disk.remoteUsedBytes, trashUsedBytes: disk.trashUsedBytes, isOnline: disk.isUsed,
            state: "\(disk.condition.state)", stateReason: disk.condition.reason,
            stateSinceMs: disk.condition.since?.milliseconds ?? 0)
    }
}
