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
            _ = try view(of: table)
            return ReplicaTables.status(
                try control.tablets(of: try tableName(table)), try control.backends(), filter
            ).reply
        case .showReplicaDistribution(let table):
            _ = try view(of: table)
            return ReplicaTables.distribution(
                try control.tablets(of: try tableName(table)), try control.backends()
            ).reply
        case .repairTable(let table):
            _ = try view(of: table)
            let tasks = try control.repair(try control.tablets(of: try tableName(table)).map(\.id))
            return .done(affectedRows: UInt64(tasks.count), note: "\(tasks.count) tablets are repaired")
        case .cancelRepairTable(let table):
            _ = try view(of: table)
            let count = try control.cancelRepair(try control.tablets(of: try tableName(table)).map(\.id))
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
