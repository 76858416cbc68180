internal import Platform
internal import TabletModel

/// The master as of one moment, with the line to it. Immutable: a change of master is another object.
final class KnownMaster: Sendable {
    let address: NetworkAddress
    let epoch: Int64
    /// This backend, as the master knows it.
    let backend: BackendAddress
    let connection: any MasterConnection
    /// What it speaks; the connection does, too.
    let dialect: WireDialect
    /// See `HeartbeatState.isConfirmed`.
    let isConfirmed: Bool
    /// Grows with every change of what heartbeats taught.
    let revision: UInt64

    init(
        address: NetworkAddress, epoch: Int64, backend: BackendAddress, connection: any MasterConnection,
        dialect: WireDialect, isConfirmed: Bool, revision: UInt64
    ) {
        self.address = address
        self.epoch = epoch
        self.backend = backend
        self.connection = connection
        self.dialect = dialect
        self.isConfirmed = isConfirmed
        self.revision = revision
    }
}
