internal import HTTPAPI
internal import MasterCore
internal import SQLGrammar
internal import SQLSessions
internal import TabletModel

extension SQLConnection {
    /// ADMIN …; nil: the statement is about something else.
    func answerAdministration(_ statement: SQLStatement) throws -> SQLReply? {
        let control = try control()
        switch statement {
        case .showReplicaStatus(let table, let filter):
            let name = try view(of: table).name
            let alive = Set(try control.backends().filter(\.isAlive).map(\.id))
            return .rows(
                ReplicaTables.statusColumns.map { SQLColumn($0) },
                try TabletRows(control, of: name, checkWanted: { [interruption] in try interruption.check() }) {
                    ReplicaTables.status($0, alive: alive, filter)
                })
        case .showReplicaDistribution(let table): return try distribution(of: try view(of: table).name)
        case .repairTable(let table):
            let tasks = try control.repair(try control.tabletIDs(of: try view(of: table).name))
            return .done(affectedRows: UInt64(tasks.count), note: "\(tasks.count) tablets are repaired")
        case .cancelRepairTable(let table):
            let count = try control.cancelRepair(try control.tabletIDs(of: try view(of: table).name))
            return .done(affectedRows: UInt64(count))
        case .checkTablets(let ids, let given):
            var properties = Properties(given)
            guard try properties.require("type").lowercased() == "consistency" else {
                throw SQLError.notSupported("a check is of type consistency")
            }
            try properties.end("type")
            for id in ids { _ = try control.checkConsistency(TabletID(id)) }
            return .done(affectedRows: UInt64(ids.count))
        case .setReplicaStatus(let given): return try setReplicaStatus(given)
        case .cleanTrash(let texts):
            try control.cleanTrash(on: try texts.map { try Self.address($0) })
            return .done()
        default: return nil
        }
    }

    private func distribution(of table: TableName) throws -> SQLReply {
        let control = try control()
        var shares: [BackendID: ReplicaTables.Share] = [:]
        for id in try control.tabletIDs(of: table) {
            try interruption.check()
            do {
                for replica in try control.tablet(id).replicas {
                    shares[replica.backendID, default: ReplicaTables.Share()].add(replica)
                }
            } catch let error as MasterError where error.code == .notFound {
                // Dropped meanwhile.
                continue
            }
        }
        return ReplicaTables.distribution(shares, try control.backends()).reply
    }

    private func setReplicaStatus(_ given: [SQLProperty]) throws -> SQLReply {
        var properties = Properties(given)
        guard let tablet = try properties.number("tablet_id"), let backend = try properties.number("backend_id") else {
            throw Properties.wrong("the properties \"tablet_id\" and \"backend_id\" are needed")
        }
        let status = try properties.require("status").lowercased()
        try properties.end("tablet_id, backend_id and status")
        guard status == "bad" || status == "ok" else { throw SQLError.notSupported("a status is bad or ok") }
        try control().setReplica(TabletID(tablet), on: BackendID(backend), isBad: status == "bad")
        return .done()
    }
}
