public import Checksums
internal import ClusterTestKit
public import HTTPAPI
internal import MasterCore
internal import Platform
public import TabletModel

/// A backup that was whole, and what a restore of it must give.
public struct KeptBackup: Hashable, Sendable {
    public var label: String
    public var version: Version
    public var columns: [String]
    public var rows: RowChecksum
}

/// Backups of the table to a bucket of their own, and restores beside the table.
extension SimulatedCluster {
    public static let vault = S3Resource(
        endpoint: "http://10.0.0.201:9000", accessKey: "ak", secretKey: "sk", bucket: "vault", rootPath: "")
    private static let vaultName = "vault"

    /// A person asks for a backup. - Returns: the job; nil when it can't be begun now.
    public func beginBackup(_ label: String) throws -> Int64? {
        try asking("back up as \(label)") { master in
            if try !master.storageResources().contains(where: { $0.name == Self.vaultName }) {
                _ = try master.createStorageResource(
                    CreateStorageResourceRequest(name: Self.vaultName, s3: Self.vault))
            }
            return try master.backUp(BackupRequest(table: Self.table, resource: Self.vaultName, label: label)).id
        }
    }

    /// A person asks for a restore under another name. - Returns: the job; nil when it can't be begun now.
    public func beginRestore(_ label: String, as name: String) throws -> Int64? {
        try asking("restore \(label) as \(name)") { master in
            try master.restore(RestoreRequest(label: label, resource: Self.vaultName, table: Self.copy(name))).id
        }
    }

    private static func copy(_ name: String) -> TableName { TableName(database: table.database, table: name) }

    private func asking(_ what: String, _ body: (Master) throws -> Int64) throws -> Int64? {
        guard let master = frontend.master, !frontend.plan.hasCrashed else { return nil }
        do {
            let id = try body(master)
            log.note("asked to \(what)")
            return id
        } catch let error as MasterError {
            log.note("did not \(what): \(error)")
            return nil
        }
    }

    /// Newest first; nil when nobody can say.
    public func backupJobs() throws -> [BackupJobView]? {
        guard let master = frontend.master, !frontend.plan.hasCrashed else { return nil }
        return try master.backups(from: nil, prefix: nil).jobs
    }

    /// What the finished backup must hold: the rows of the loads that were visible at its version.
    public func kept(_ label: String) throws -> KeptBackup {
        guard let master = frontend.master else { throw SimulationFailure(seed: seed, "the FE is down") }
        let views = try observe { try master.backups(from: Self.vaultName, prefix: nil) }.backups
        guard let view = views.first(where: { $0.label == label }) else {
            throw SimulationFailure(seed: seed, "backup \(label) is finished and not in the bucket")
        }
        guard view.error.isEmpty else { throw SimulationFailure(seed: seed, "backup \(label): \(view.error)") }
        let loads = try master.loads().filter { $0.state == .visible && $0.version <= view.version }
        return KeptBackup(
            label: label, version: view.version, columns: view.columns,
            rows: ledger.rows(of: Set(loads.map(\.label)), in: view.columns))
    }

    /// No backup and no restore runs, and the FE can say so.
    public func waitForBackups(limit: Duration = .seconds(3600)) throws {
        var last = ""
        let ends = try runToRest(limit: limit) {
            guard let master = frontend.master else { return false }
            let running = try master.backups(from: nil, prefix: nil).jobs.filter { $0.endedMs == 0 }
            last = running.map { "\($0.kind) \($0.label) is \($0.phase), \($0.done) of \($0.total): \($0.message)" }
                .joined(separator: "; ")
            return running.isEmpty && !frontend.isUnwritable
        }
        guard ends else { throw SimulationFailure(seed: seed, "a backup or restore did not end: \(last); \(unrest)") }
    }

    /// The restored table has all of its replicas, and each reads what was backed up. Then it goes.
    public func expectRestored(_ backup: KeptBackup, as name: String) throws {
        let table = Self.copy(name)
        var last = ""
        let isWhole = try runToRest(limit: .seconds(3600)) {
            guard unrest.isEmpty, let master = frontend.master else { return false }
            let replicas = try master.tablets(of: table).flatMap(\.replicas)
            last = replicas.filter { !$0.isHealthy }.map { "replica \($0.id) on \($0.host): \($0.reason)" }.joined()
            return try last.isEmpty && replicas.count == wantedReplicas * master.tablets(of: table).count
        }
        guard isWhole, let master = frontend.master else {
            throw SimulationFailure(seed: seed, "\(name) did not become whole: \(last); \(unrest)")
        }
        let view = try master.table(table)
        guard view.columns == backup.columns, view.visibleVersion == backup.version else {
            throw SimulationFailure(
                seed: seed, "\(name) has \(view.columns) at \(view.visibleVersion), the backup was \(backup)")
        }
        for place in 0..<wantedReplicas {
            var read = RowChecksum()
            for tablet in try master.tablets(of: table) {
                let host = tablet.replicas[place].host
                guard let backend = self.backend(host: host) else {
                    throw SimulationFailure(seed: seed, "nobody has address \(host)")
                }
                read.add(try rows(of: tablet.id, on: backend, at: view.visibleVersion))
            }
            guard read == backup.rows else {
                throw SimulationFailure(seed: seed, "\(name) reads \(read), the backup was \(backup)")
            }
        }
        try persist("drop \(name)") { master in
            try master.dropTable(table)
            return true
        }
    }

    /// Copies that restores left, by name.
    public func copies() throws -> [String] {
        guard let master = frontend.master else { return [] }
        return try master.tables(inDatabase: Self.table.database).map(\.name).filter { $0 != Self.table }
            .map(\.table)
    }
}
