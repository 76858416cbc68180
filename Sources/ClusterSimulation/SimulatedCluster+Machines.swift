internal import ClusterTestKit
internal import HTTPAPI
internal import MasterCore
internal import Platform
internal import StorageEngine
internal import TabletModel

/// Addresses and clocks of machines.
extension SimulatedCluster {
    /// The machine comes up with another address, and a person tells the FE, if it knows the backend.
    public func move(_ backend: SimulatedBackend, to host: String) throws {
        let old = backend.heartbeatAddress
        takeDown(backend)
        log.note("\(backend.name) moves from \(old.host) to \(host)")
        backend.move(to: host)
        try backend.start()
        try tell("move \(backend.name)", backend, from: old)
    }

    /// The machine moves to an address that nobody has, unless its disk could keep it from starting.
    public func moveSomewhere(_ backend: SimulatedBackend) throws {
        guard backend.isRunning, !backend.machine.fileSystem.isInTrouble else { return }
        var host: String
        repeat { host = "10.0.1.\(random.next(below: 200))" } while self.backend(host: host) != nil
        try move(backend, to: host)
    }

    /// Two machines come up with each other's address, and a person tells the FE.
    public func swapAddresses(_ first: SimulatedBackend, _ second: SimulatedBackend) throws {
        let (one, two) = (first.heartbeatAddress, second.heartbeatAddress)
        for backend in [first, second] { takeDown(backend) }
        log.note("\(first.name) and \(second.name) change addresses")
        first.move(to: "nowhere")
        second.move(to: one.host)
        first.move(to: two.host)
        for backend in [first, second] { try backend.start() }
        try tell("swap \(first.name) and \(second.name)", first, from: one)
    }

    /// Done when the FE has the backend at its new address, or none at the old one.
    private func tell(_ what: String, _ backend: SimulatedBackend, from old: NetworkAddress) throws {
        try persist(what) { master in
            let new = backend.heartbeatAddress
            let views = try master.backends()
            guard views.contains(where: { $0.host == old.host }),
                let uuid = backend.engine?.backendUUID?.description
            else { return backend.isRunning }
            if views.contains(where: { $0.host == new.host && $0.uuid == uuid }) { return true }
            _ = try master.moveBackend(old, to: new)
            return true
        }
    }

    /// Somebody sets the machine's clock.
    public func setClock(of process: any SimulatedProcess, ahead: Duration) {
        log.note("the clock of \(process.name) is \(ahead) ahead")
        process.clockAhead = ahead
    }

    /// Every clock tells the true time.
    public func setClocksRight() {
        for process in processes where process.clockAhead != .zero { setClock(of: process, ahead: .zero) }
    }
}
