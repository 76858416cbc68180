import ClusterTestKit
import HTTPAPI
import Platform
import TabletModel
import Testing

@testable import DataLoading
@testable import MasterCore
@testable import MasterServices

@Suite("A delete by condition, at the FE") struct DeleteFlowTests {
    private func cluster(_ configure: @escaping (inout MasterConfiguration) -> Void = { _ in }) throws -> FlowCluster {
        let cluster = try FlowCluster(configure: configure)
        try cluster.addBackends()
        _ = try cluster.master.createDatabase("db")
        let job = try cluster.master.createTable(
            CreateTableRequest(
                name: FlowCluster.table, buckets: 2, replicas: 3, columns: ["k", "v", "名前"],
                columnTypes: ["VARCHAR", "INT", "VARCHAR"]))
        try cluster.scheduler.runUntilIdle()
        #expect(try cluster.master.job(job.id).state == .finished)
        try cluster.reportAll()
        #expect(try cluster.load("rows").version == 2)
        return cluster
    }

    private func delete(
        _ cluster: FlowCluster, _ condition: String, label: String = "d", timeoutMs: Int64? = nil
    ) throws -> LoadView {
        let begun = try cluster.master.deleteRows(
            DeleteRowsRequest(table: FlowCluster.table, condition: condition, label: label, timeoutMs: timeoutMs))
        try cluster.scheduler.runUntilIdle()
        return try cluster.master.load(begun.transactionID)
    }

    private func deletes(_ backend: FlowBackend) -> [PushRequest] {
        backend.taken(.realtimePush).compactMap { task in
            guard case .push(let push) = task.payload, push.pushType == .delete else { return nil }
            return push
        }
    }

    @Test("reaches every replica of every tablet and becomes visible as the next version") func visible() throws {
        let cluster = try cluster()
        let ended = try delete(cluster, "v >= 2 and 名前 in ('a''b', '漢')")
        #expect(ended.state == .visible && ended.version == 3 && ended.replicasPublished == 6)
        #expect(ended.deleteCondition == "v >= '2' AND `名前` IN ('a''b', '漢')")
        for backend in cluster.backends {
            let sent = deletes(backend)
            #expect(Set(sent.map(\.tabletID)) == Set(backend.tablets.keys) && sent.count == 2)
            for push in sent {
                #expect(push.transactionID == ended.transactionID && push.url == nil && push.partitionID != nil)
                #expect(
                    push.deleteConditions == [
                        DeleteCondition(column: "v", operation: ">=", values: ["2"], columnUniqueID: 1),
                        DeleteCondition(column: "名前", operation: "*=", values: ["a'b", "漢"], columnUniqueID: 2),
                    ])
            }
        }
        #expect(try cluster.load("later").version == 4)
        #expect(try cluster.master.loads().map(\.deleteCondition) == [nil, ended.deleteCondition, nil])
    }

    @Test(
        "is refused before anything is made",
        arguments: [
            ("", "not understood at its end: the name of a column"), ("v = 1 OR v = 2", "at character 7, \"OR v = 2\""),
            ("w = 1", "no column 'w'; the columns are k, v, 名前"), ("v = 'x'", "column v: 'x' is no INT"),
            ("v IN (1, 2147483648)", "column v: '2147483648' is no INT"), ("k = ''", "column k: a field '' is null"),
            ("v IN (\((0...10_000).map(String.init).joined(separator: ",")))", "more than 10000 values"),
        ])
    func refused(_ condition: String, _ wanted: String) throws {
        let cluster = try cluster()
        let operations = cluster.faults.count
        let error = try #require(throws: MasterError.self) { try delete(cluster, condition) }
        #expect(error.code == .invalidArgument && error.message.contains(wanted), "\(error)")
        #expect(!error.nextStep.isEmpty)
        #expect(cluster.faults.count == operations)
        #expect(try cluster.master.loads().count == 1)
        for backend in cluster.backends { #expect(deletes(backend).isEmpty) }
    }

    @Test("of a table without named columns is refused, and of one that is not there") func noColumns() throws {
        let cluster = try cluster()
        let name = TableName(database: "db", table: "opaque")
        _ = try cluster.master.createTable(CreateTableRequest(name: name, buckets: 1, replicas: 1))
        try cluster.scheduler.runUntilIdle()
        func code(_ name: TableName, _ label: String = "x") -> MasterError.Code? {
            let request = DeleteRowsRequest(table: name, condition: "k = 1", label: label)
            return #expect(throws: MasterError.self) { try cluster.master.deleteRows(request) }?.code
        }
        #expect(code(name) == .invalidArgument)
        #expect(code(TableName(database: "db", table: "nowhere")) == .notFound)
        #expect(code(FlowCluster.table, "no/label") == .invalidArgument)
    }

    @Test("of 10,000 values goes out whole") func tenThousandValues() throws {
        let cluster = try cluster()
        let values = (0..<10_000).map { "'value \($0)'" }.joined(separator: ", ")
        let ended = try delete(cluster, "k IN (\(values))")
        #expect(ended.state == .visible && (ended.deleteCondition?.utf8.count ?? 0) < 1200)
        #expect(deletes(cluster.backends[0])[0].deleteConditions[0].values.count == 10_000)
    }

    @Test("a label is carried out once, and is free again after an abort") func labels() throws {
        let cluster = try cluster()
        #expect(try delete(cluster, "v = 1", label: "one").state == .visible)
        let again = try #require(throws: MasterError.self) { try delete(cluster, "v = 1", label: "one") }
        #expect(again.code == .labelAlreadyExists)
        #expect(throws: MasterError.self) { try delete(cluster, "v = 1", label: "rows") }
        for backend in cluster.backends { backend.set { $0.failing[.realtimePush] = RPCStatus(.aborted, "no") } }
        _ = try delete(cluster, "v = 2", label: "two")
        try cluster.scheduler.advance(by: .seconds(120))
        for backend in cluster.backends { backend.set { $0.failing = [:] } }
        #expect(try delete(cluster, "v = 2", label: "two").state == .visible)
    }

    @Test("without a majority is aborted, with the backend's reason, and cleared") func lostMajority() throws {
        let cluster = try cluster()
        for backend in cluster.backends[..<2] {
            backend.set { $0.failing[.realtimePush] = RPCStatus(.invalidArgument, "column v is what?") }
        }
        let id = try delete(cluster, "v = 1").transactionID
        try cluster.live(for: 120)
        let ended = try cluster.master.load(id)
        #expect(ended.state == .aborted && ended.message.contains("column v is what?"), "\(ended.message)")
        for backend in cluster.backends {
            #expect(backend.tablets.values.allSatisfy { $0.pending.isEmpty && $0.version == 2 })
        }
        for backend in cluster.backends { backend.set { $0.failing = [:] } }
        #expect(try cluster.load("after").version == 3)
    }

    @Test("one replica that does not take it is left out, and told so in the journal") func straggler() throws {
        let cluster = try cluster { $0.repair.isDisabled = true }
        cluster.backends[0].set { $0.silent = [.realtimePush] }
        let id = try delete(cluster, "v = 1").transactionID
        try cluster.scheduler.advance(by: .seconds(60))
        #expect(try cluster.master.load(id).state == .visible)
        try cluster.reportAll()
        let plan = try cluster.master.readPlan(FlowCluster.table, backend: nil, version: nil)
        #expect(plan.version == 3 && plan.tablets.allSatisfy { $0.backends.count == 2 }, "\(plan)")
    }

    @Test("not taken in time is aborted") func timeout() throws {
        let cluster = try cluster()
        for backend in cluster.backends { backend.set { $0.silent = [.realtimePush] } }
        let id = try delete(cluster, "v = 1", timeoutMs: 20_000).transactionID
        try cluster.scheduler.advance(by: .seconds(19))
        #expect(try cluster.master.load(id).state == .pushing)
        try cluster.scheduler.advance(by: .seconds(1))
        #expect(try cluster.master.load(id).state == .aborted)
        #expect(try cluster.master.status().queuedTasks == 0)
    }

    @Test(
        "is aborted when its FE dies before the commit, and published when it dies after it",
        arguments: [
            TaskType.realtimePush, .publishVersion,
        ]) func killedMaster(silent: TaskType) throws
    {
        let cluster = try cluster()
        for backend in cluster.backends { backend.set { $0.silent = [silent] } }
        let begun = try delete(cluster, "v = 1")
        #expect(begun.state == (silent == .realtimePush ? .pushing : .committed))
        cluster.killMaster()
        for backend in cluster.backends { backend.set { $0.silent = [] } }
        try cluster.startMaster()
        try cluster.live(for: 40)
        let ended = try cluster.master.load(begun.transactionID)
        #expect(ended.state == (silent == .realtimePush ? .aborted : .visible))
        #expect(ended.deleteCondition == "v = '1'")
        for backend in cluster.backends {
            #expect(backend.tablets.values.allSatisfy { $0.pending.isEmpty })
            #expect(backend.tablets.values.allSatisfy { $0.version == (ended.state == .visible ? 3 : 2) })
        }
    }

    @Test("is not sent to a backend that is none of ours") func foreignBackends() throws {
        let cluster = try FlowCluster(version: "doris-2.1.0", dialect: .tabletd).ready()
        let id = try delete(cluster, "k = 'a'").transactionID
        try cluster.scheduler.advance(by: .seconds(120))
        let ended = try cluster.master.load(id)
        #expect(ended.state == .aborted && ended.message.contains("no tabletd-be"), "\(ended.message)")
        for backend in cluster.backends { #expect(deletes(backend).isEmpty) }
    }

    @Test("and loads of a table have one order") func order() throws {
        let cluster = try cluster()
        for backend in cluster.backends { backend.set { $0.silent = [.publishVersion] } }
        let first = try delete(cluster, "v = 1", label: "first").transactionID
        let second = try cluster.load("second").transactionID
        let third = try delete(cluster, "v = 2", label: "third").transactionID
        for backend in cluster.backends { backend.set { $0.silent = [] } }
        // The first is published again; the others wait for it.
        for backend in cluster.backends { for task in backend.taken(.publishVersion).suffix(1) { backend.run(task) } }
        try cluster.scheduler.runUntilIdle()
        #expect(try [first, second, third].map { try cluster.master.load($0).version } == [3, 4, 5])
        #expect(try [first, second, third].allSatisfy { try cluster.master.load($0).state == .visible })
    }
}
