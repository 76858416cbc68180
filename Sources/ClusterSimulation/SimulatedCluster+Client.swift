internal import ClusterTestKit
public import HTTPAPI
internal import MasterCore
internal import Platform
public import TabletModel

/// What a person does with `tabletctl`: again, when the FE went down under it or something was away for a moment; and by another FE
/// when that one leads.
extension SimulatedCluster {
    public static let table = TableName(database: "demo", table: "flights")
    public static let policy = "cold"
    public static let resource = S3Resource(
        endpoint: "http://10.0.0.200:9000", accessKey: "ak", secretKey: "sk", bucket: "tablets", rootPath: "cluster")

    private static let patience = 60

    /// Calls `attempt` with the running FE until it returns true. An FE that goes down and refusals that may pass
    /// (`unavailable`, `conflict`) are waited out, a few seconds each.
    func persist(_ what: String, _ attempt: (Master) throws -> Bool) throws {
        var last = ""
        for _ in 0..<Self.patience {
            let asked = frontend
            guard let master = asked.master else {
                try pass(.seconds(1))
                continue
            }
            do {
                if try attempt(master) { return acknowledged(what, by: asked) }
                last = "not yet"
            } catch let error as MasterError {
                last = error.description
                let mayPass = asked.plan.hasCrashed || !isStill(master)
                let passing: [MasterError.Code] = [
                    .unavailable, .conflict, .internalError, .readOnly, .outcomeUnknown,
                ]
                guard mayPass || passing.contains(error.code) else { throw error }
            }
            try pass(.seconds(2))
        }
        throw SimulationFailure(seed: seed, "gave up to \(what): \(last)")
    }

    /// The FE answers and this is still the one that was asked, in the same life or term.
    private func isStill(_ master: Master) -> Bool { frontend.master === master }

    /// All backends are registered and alive.
    public func addBackends() throws {
        try persist("add backends") { master in
            let known = Set(try master.backends().map(\.host))
            for backend in backends where !known.contains(backend.heartbeatAddress.host) {
                _ = try master.addBackend(backend.heartbeatAddress)
            }
            _ = try run(limit: .seconds(10)) { try !isStill(master) || master.backends().allSatisfy(\.isAlive) }
            return try isStill(master) && master.backends().count(where: \.isAlive) == backends.count - retired.count
        }
    }

    /// The table is there, with every replica.
    public func createTable(buckets: Int = 4, replicas: Int = 3) throws {
        try persist("create the table") { master in
            if try !master.databases().contains(where: { $0.name == Self.table.database }) {
                _ = try master.createDatabase(Self.table.database)
            }
            func state() throws -> String? {
                try master.tables(inDatabase: Self.table.database).first { $0.name == Self.table }?.state
            }
            if try state() == nil {
                _ = try master.createTable(
                    CreateTableRequest(
                        name: Self.table, buckets: buckets, replicas: replicas, columns: SampleRows.columns))
            }
            _ = try run(limit: .seconds(60)) { try !isStill(master) || state() != "creating" }
            return try isStill(master) && state() == "normal"
        }
    }

    /// The rows are visible, once.
    public func load(_ label: String, _ rows: SampleRows) throws {
        ledger.give(label, rows)
        try persist("load \(label)") { master in
            let id = try begin(label, rows, master)
            _ = try run(limit: .seconds(700)) {
                try !isStill(master) || [.visible, .aborted].contains(master.load(id).state)
            }
            guard isStill(master), try master.load(id).state == .visible else { return false }
            ledger.acknowledge(label)
            return true
        }
    }

    /// The first rows of an earlier load are gone.
    public func delete(of load: String, first count: Int) throws {
        let label = LoadLedger.deleteLabel(of: load)
        ledger.giveDelete(of: load, first: count)
        let names = (0..<count).map { "'\(load)-\($0)'" }.joined(separator: ", ")
        try persist(label) { master in
            let id = try beginDelete(label, "row IN (\(names))", master)
            _ = try run(limit: .seconds(700)) {
                try !isStill(master) || [.visible, .aborted].contains(master.load(id).state)
            }
            guard isStill(master), try master.load(id).state == .visible else { return false }
            ledger.acknowledge(label)
            return true
        }
    }

    private func beginDelete(_ label: String, _ condition: String, _ master: Master) throws -> TransactionID {
        do {
            return try master.deleteRows(
                DeleteRowsRequest(table: Self.table, condition: condition, label: label)
            ).transactionID
        } catch let error as MasterError where error.code == .labelAlreadyExists {
            return try master.load(label: label, database: Self.table.database).transactionID
        }
    }

    /// Gives the rows, unless an earlier try has come far enough.
    private func begin(_ label: String, _ rows: SampleRows, _ master: Master) throws -> TransactionID {
        do {
            let columns = try master.table(Self.table).columns
            let load = try master.beginLoad(BeginLoadRequest(table: Self.table, label: label))
            ledger.begun(label, in: columns)
            let lines = rows.bytes(in: columns)
            // In two pieces that cut a line.
            let cut = lines.count / 2
            try lines.withUnsafeBytes { bytes in
                try master.appendToLoad(load.transactionID, UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
                try master.appendToLoad(load.transactionID, UnsafeRawBufferPointer(rebasing: bytes[cut...]))
            }
            return try master.finishLoad(load.transactionID).transactionID
        } catch let error as MasterError where error.code == .labelAlreadyExists {
            return try master.load(label: label, database: Self.table.database).transactionID
        }
    }

    /// The table cools by a policy that makes everything due after `ttlSeconds`.
    public func attachPolicy(ttlSeconds: Int64 = 30) throws {
        try persist("attach the policy") { master in
            if try !master.storageResources().contains(where: { $0.name == "s3" }) {
                _ = try master.createStorageResource(CreateStorageResourceRequest(name: "s3", s3: Self.resource))
            }
            if try master.storagePolicyViews().isEmpty {
                _ = try master.createStoragePolicy(
                    CreateStoragePolicyRequest(name: Self.policy, resource: "s3", cooldownTTLSeconds: ttlSeconds))
            }
            _ = try master.attachStoragePolicy(Self.policy, to: Self.table)
            return true
        }
    }

    /// The table does not cool any more; what is cold stays so.
    public func detachPolicy() throws {
        try persist("detach the policy") { master in
            _ = try master.attachStoragePolicy(nil, to: Self.table)
            return true
        }
    }
}
