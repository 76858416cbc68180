public import Checksums
internal import HTTPAPI
internal import MasterCore
internal import StorageEngine
public import TabletModel

extension SimulatedCluster {
    public func backend(host: String) -> SimulatedBackend? { backends.first { $0.heartbeatAddress.host == host } }

    /// The rows of a tablet as one backend reads them, local and cold ones alike.
    /// Not an operation of the backend: no fault hits it.
    /// - Throws: what the scan throws; a `SimulationFailure` when the backend is down.
    public func rows(of tablet: TabletID, on backend: SimulatedBackend, at version: Version) throws -> RowChecksum {
        guard let engine = backend.engine else { throw SimulationFailure(seed: seed, "\(backend.name) is down") }
        return try observe {
            let scan = try engine.openScan(tablet, version: version)
            var checksum = RowChecksum()
            while let block = try scan.next() { block.forEachRow { checksum.add(row: $0) } }
            return checksum
        }
    }

    /// The whole table at its visible version, each tablet read through a replica that follows, where there is one.
    public func readThroughFollowers() throws -> RowChecksum { try readThroughFollowers(Self.table) }

    func readThroughFollowers(_ table: TableName) throws -> RowChecksum {
        guard let master = frontend.master else { throw SimulationFailure(seed: seed, "the FE is down") }
        let plan = try master.readPlan(table, backend: nil, version: nil)
        var checksum = RowChecksum()
        for target in plan.tablets {
            guard let place = target.backends.first(where: { !$0.isCooldownReplica }) ?? target.backends.first,
                let backend = backend(host: place.host)
            else { throw SimulationFailure(seed: seed, "nobody can read tablet \(target.tabletID)") }
            checksum.add(try rows(of: target.tabletID, on: backend, at: target.version))
        }
        return checksum
    }

    /// The rows of every load that was acknowledged, without those that acknowledged deletes took.
    public var acknowledgedRows: RowChecksum { ledger.rows(of: ledger.acknowledged, in: columnBook.columns) }
}
