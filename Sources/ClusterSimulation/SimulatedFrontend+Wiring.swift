internal import ClusterMetadata
internal import ClusterTestKit
internal import Logging
internal import MasterCore
internal import MasterServices
internal import Platform
internal import TabletModel

/// The parts that every FE has.
extension SimulatedFrontend {
    /// So few that tables are journaled in pieces, as large ones are.
    private static let tabletsPerRecord = 3

    private var diskFiles: FaultyFileSystem { FaultyFileSystem(machine.fileSystem, plan: plan) }
    var logger: Logger { shared.log.logger(name, level: shared.settings.logLevel) }

    func openMetadata(
        _ journal: any Journal, nodeName: String, standing: MetadataStanding = .leads, _ random: SeededRandom,
        _ node: SimulatedNode
    ) throws -> MetadataStore {
        try MetadataStore.open(
            folder: Self.folder, files: diskFiles, journal: journal, nodeName: nodeName, random: random,
            checkpoints: shared.settings.checkpoints, time: node, gates: DispatchGates(), standing: standing,
            elementsPerRecord: Self.tabletsPerRecord, logger: logger)
    }

    func makeMaster(
        _ store: MetadataStore, epoch: Int64?, connector: any BackendConnector,
        frontends: (any FrontendConnector)? = nil, _ random: SeededRandom, scheduler: SimulatedNode
    ) -> Master {
        var configuration = MasterConfiguration(
            host: address.host, httpPort: Self.httpPort, rpcPort: address.port, version: "tabletd-simulation",
            spoolDirectory: "/fe/spool")
        configuration.tabletsPerRecord = Self.tabletsPerRecord
        shared.settings.configureMaster(&configuration)
        return Master(
            configuration: configuration,
            heartbeat: HeartbeatConfiguration(master: address, httpPort: Self.httpPort), store: store, epoch: epoch,
            connector: connector, frontends: frontends,
            stores: FaultyObjectStoreProvider(shared.objects.stores, plan: plan), fileSystem: diskFiles,
            scheduler: scheduler, random: random, logger: logger)
    }

    func guardedConnector() -> GuardedBackendConnector {
        GuardedBackendConnector(
            base: shared.network.backendConnector(from: name), caller: plan, peers: shared.peers, watch: shared.watch,
            confLoss: shared.confLoss)
    }

    // MARK: Images

    /// What other FEs are given, and take.
    func files(_ store: MetadataStore) -> PeerFiles {
        let (shared, name) = (shared, name)
        return PeerFiles(store: store, peers: []) { asked, head, body in
            guard let (owner, logID) = Self.place(of: asked.url, in: shared.frontends) else {
                throw PeerRefusal.unreachable("nobody has \(asked.url)")
            }
            try shared.network.carry("image", from: name, to: owner.httpAddress) {
                let (file, tag) = try owner.offered().image(logID)
                let part = asked.behind.flatMap { $0.tag == tag ? $0 : nil }
                let begin = part?.sizeBytes ?? 0
                try head(ImageHead(offset: begin, tag: tag))
                var bytes = [UInt8](repeating: 0, count: Int(file.sizeBytes - begin))
                let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: begin) }
                try bytes[..<count].withUnsafeBytes { try body($0) }
            }
        } pause: { _ in
            // No call waits in a simulation: it is gone on with at the next offer.
            throw PeerRefusal.unreachable("the connection broke")
        }
    }

    /// What this FE's HTTP port gives. - Throws: it is down.
    func offered() throws -> PeerFiles {
        guard let life, !plan.hasCrashed else { throw CrashedError(operation: "an image of \(name)") }
        return life.files
    }

    private static func place(
        of url: String, in frontends: FrontendDirectory
    ) -> (owner: SimulatedFrontend, logID: Int64)? {
        let parts = url.split(separator: "=")
        guard let logID = parts.last.flatMap({ Int64($0) }),
            let owner = frontends.all.first(where: { url.hasPrefix("cluster://\($0.httpAddress)/image") })
        else { return nil }
        return (owner, logID)
    }
}
