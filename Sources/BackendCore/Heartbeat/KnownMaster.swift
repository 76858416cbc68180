internal import Platform
internal import TabletModel

/// The master as of one moment, with the line to it. Immutable: a change of master is another object.
final class KnownMaster: Sendable {
    let address: NetworkAddress
    let epoch: Int64
    /// This backend, as the master knows it.
    let backend: BackendAddress
    /// Its bytes; the same ones as long as the epoch is.
    let line: any MasterConnection
    /// The line, in its words.
    let connection: any MasterConnection
    /// What it speaks; the connection does, too.
    let dialect: WireDialect
    /// See `HeartbeatState.isConfirmed`.
    let isConfirmed: Bool
    /// Grows with every change of what heartbeats taught.
    let revision: UInt64

    init(
        address: NetworkAddress, epoch: Int64, backend: BackendAddress, line: any MasterConnection,
        dialect: WireDialect, isConfirmed: Bool, revision: UInt64, onAnswer: @escaping @Sendable () -> Void
    ) {
        self.address = address
        self.epoch = epoch
        self.backend = backend
        self.line = line
        connection = SpokenMasterConnection(line, to: address, in: dialect, onAnswer: onAnswer)
        self.dialect = dialect
        self.isConfirmed = isConfirmed
        self.revision = revision
    }

    func isSameTerm(as other: KnownMaster) -> Bool { address == other.address && epoch == other.epoch }
}
