internal import ClusterMetadata
public import ClusterTestKit
internal import ElectionTestKit
internal import HTTPAPI
internal import MasterCore
internal import TabletModel

/// Several FEs over one log.
extension SimulatedCluster {
    public var isReplicated: Bool { parts.replicated != nil }

    /// Log id of the last entry that the FEs' log ever got.
    public var logEnd: Int64 { Int64(parts.replicated?.log.entries.count ?? 0) }

    /// The first FE leads, and is told of the others, which join it and start.
    public func addFrontends() throws {
        for (place, other) in frontends.enumerated().dropFirst() where !other.hasJoined {
            let role: FrontendRole = place < settings.frontends ? .follower : .observer
            var nodeName = ""
            try persist("add \(other.name)") { master in
                let address = other.address
                let known = try master.frontends().first { $0.host == address.host }
                nodeName =
                    try known?.name
                    ?? master.addFrontend(
                        AddFrontendRequest(
                            host: address.host, port: address.port, role: role,
                            httpPort: SimulatedFrontend.httpPort)
                    ).name
                return true
            }
            try other.join(as: nodeName, role.rawValue, of: frontends[0].identity())
            log.note("start \(other.name)")
            try other.start()
        }
    }

    /// The FE's machine comes up with an empty disk, and is told who it was; or with a disk of an earlier day.
    public func putBackDisk(of frontend: SimulatedFrontend, _ copy: MemoryMachineCopy? = nil) throws {
        let own = try frontend.identity()
        if frontend.isRunning { crash(frontend) }
        log.note("\(frontend.name) has \(copy == nil ? "an empty disk" : "an older disk")")
        if let copy {
            frontend.machine.restore(copy)
        } else {
            frontend.machine.wipe()
            try frontend.join(as: own.nodeName, own.role, of: own)
        }
        try frontend.start()
    }
}
