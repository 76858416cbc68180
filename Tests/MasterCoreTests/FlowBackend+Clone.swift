import Synchronization
import TabletModel

@testable import MasterCore

extension FlowBackend {
    /// What the sources of a CLONE hold together; each version from the first that has it.
    func copies(for task: AgentTask) -> [Version: String] {
        guard case .clone(let clone) = task.payload else { return [:] }
        let peers = state.withLock { $0.peers }
        var copies: [Version: String] = [:]
        for source in clone.sources {
            guard let peer = peers.first(where: { $0.address.host == source.host && $0.bePort == source.bePort }),
                !peer.state.withLock({ $0.isDown }), let tablet = peer.tablets[clone.tabletID]
            else { continue }
            copies.merge(tablet.rowsByVersion) { first, _ in first }
        }
        return copies
    }

    /// Pulls versions out from under a replica, as a lost rowset would.
    func lose(_ versions: [Version], of tablet: TabletID) {
        set { state in
            for version in versions { state.tablets[tablet]?.rowsByVersion[version] = nil }
            state.reportVersion += 1
        }
    }
}

extension FlowBackend.State {
    mutating func carryOut(_ clone: CloneRequest, _ copies: [Version: String], _ request: inout FinishTaskRequest) {
        let existing = tablets[clone.tabletID]
        guard existing == nil || existing?.replicaID == clone.replicaID else {
            request.status = RPCStatus(.internalError, "another replica is here")
            return
        }
        var tablet = existing ?? FlowBackend.Tablet(replicaID: clone.replicaID, schemaHash: clone.schemaHash)
        var copied: Int64 = 0
        for (version, rows) in copies where version > tablet.base && tablet.rowsByVersion[version] == nil {
            tablet.rowsByVersion[version] = rows
            copied += Int64(rows.utf8.count)
        }
        guard tablet.isWhole, tablet.version >= clone.committedVersion ?? 0 else {
            if existing != nil { tablets[clone.tabletID] = tablet }
            request.status = RPCStatus(.internalError, "the sources lack a version")
            return
        }
        tablets[clone.tabletID] = tablet
        request.tablets = [row(clone.tabletID)]
        request.copySizeBytes = copied
        request.copyTimeMs = 5
    }
}
