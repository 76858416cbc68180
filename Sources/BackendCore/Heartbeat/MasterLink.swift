internal import Platform
internal import Synchronization
internal import TabletModel

/// The master as of one moment, with the line to it. Immutable: a change of master is another object.
final class Master: Sendable {
    let address: NetworkAddress
    let epoch: Int64
    /// This backend, as the master knows it.
    let backend: BackendAddress
    let connection: any MasterConnection
    /// See `HeartbeatState.isConfirmed`.
    let isConfirmed: Bool
    /// Grows with every change of what heartbeats taught.
    let revision: UInt64

    init(
        address: NetworkAddress, epoch: Int64, backend: BackendAddress, connection: any MasterConnection,
        isConfirmed: Bool, revision: UInt64
    ) {
        self.address = address
        self.epoch = epoch
        self.backend = backend
        self.connection = connection
        self.isConfirmed = isConfirmed
        self.revision = revision
    }
}

/// Who the master is: written by heartbeats, read by everything that talks to it.
final class MasterLink: Sendable {
    private let installed = Mutex<Master?>(nil)

    /// nil before the first heartbeat.
    var master: Master? { installed.withLock { $0 } }

    /// Heartbeats may finish out of order: an older revision does not replace a newer one.
    func install(_ master: Master) {
        installed.withLock { current in
            if let known = current, known.revision >= master.revision { return }
            current = master
        }
    }
}
