internal import ClusterMembership
internal import ClusterMetadata
internal import ClusterTestKit
internal import FrontendRoles
internal import Logging
internal import MasterCore

/// The master of one term of a simulated FE, with threads of its own.
final class SimulatedTerm: TermMaster {
    private let master: Master
    private let node: SimulatedNode
    private let running: RunningMaster
    private let clock: TimePrinter

    init(_ master: Master, store: MetadataStore, node: SimulatedNode, running: RunningMaster, logger: Logger) {
        self.master = master
        self.node = node
        self.running = running
        clock = TimePrinter(store: store, scheduler: node, logger: logger)
    }

    func start() {
        running.acting = master
        master.start()
        clock.start()
    }

    func stop() {
        running.acting = nil
        clock.stop()
        master.stop()
        node.kill()
    }
}
