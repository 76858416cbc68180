internal import ClusterMetadata
internal import MasterServices
internal import Platform
internal import TabletModel

extension DiskMover {
    /// Begins a round on each backend whose disks differ too much: a few tablets, which its one worker for moves takes one after
    /// the other. The next round waits until they are over and a disk report shows what came of them.
    func balance() {
        let snapshot = environment.store.snapshot()
        for backend in snapshot.backends where isReady(backend, in: snapshot) { balance(backend.id, snapshot) }
    }

    private func isReady(_ backend: Backend, in state: ClusterState) -> Bool {
        let status = state.status(of: backend.id)
        guard state.isHeard(backend.id), !backend.isDecommissioned, status.hasReportedTablets,
            let reported = status.lastDiskReportAt
        else { return false }
        return with { book in
            guard book.moves(on: backend.id).isEmpty else { return false }
            return book.settledAt[backend.id].map { $0 < reported } ?? true
        }
    }

    private func balance(_ backend: BackendID, _ state: ClusterState) {
        let plan = DiskBalancePlan(
            thresholdPermille: Int64(configuration.diskBalanceThresholdPercent) * 10,
            highWatermarkPermille: Int64(environment.configuration.highWatermarkPercent) * 10,
            limit: configuration.diskBalanceBatch)
        let disks = state.status(of: backend).disks.compactMap { DiskBalancePlan.Disk($0) }
        guard disks.count > 1, let pair = plan.pair(disks) else { return }
        for step in plan.steps(pair, candidates(on: backend, pair.fullest.pathHash, state)) {
            guard let subject = RepairSubject(step.tabletID, in: state) else { continue }
            begin(
                ReplicaKey(tabletID: step.tabletID, backendID: backend), .dir(path: step.to), bytes: step.bytes,
                schemaHash: subject.schemaHash, isBalancing: true)
        }
    }

    /// Healthy replicas on the disk that nobody works on, and that did not move just now.
    private func candidates(
        on backend: BackendID, _ pathHash: Int64, _ state: ClusterState
    ) -> [DiskBalancePlan.Candidate] {
        let resting = with { $0.resting }
        var candidates: [DiskBalancePlan.Candidate] = []
        for id in state.tablets.tablets(on: backend) {
            let key = ReplicaKey(tabletID: id, backendID: backend)
            guard let replica = state.tablets.replica(key), replica.pathHash == pathHash,
                replica.dataSizeBytes >= DiskBalancePlan.leastBytes, resting[key] == nil,
                let tablet = state.tablets.tablet(id), let partition = state.partition(of: tablet),
                state.isHealthy(replica, visible: partition.visibleVersion), !state.isHeld(id),
                !repairs.isCloning(key)
            else { continue }
            candidates.append(.init(tabletID: id, bytes: replica.dataSizeBytes))
        }
        return candidates
    }
}
