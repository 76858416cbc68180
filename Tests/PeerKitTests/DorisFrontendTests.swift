import Synchronization
import Testing

@testable import PeerKit

/// The frontend of the kit must catch each wrong that a backend can do to a Doris FE.
@Suite struct DorisFrontendTests {
    private func run(
        _ year: PeerYear, schema: WireSchema? = nil, onTask: @escaping ScriptedBackend.Script,
        _ body: (DorisFrontend, ScriptedBackend, Int64) throws -> Void
    ) throws {
        let frontend = try DorisFrontend(year)
        let backend = try ScriptedBackend(frontend: frontend.rpcPort, schema: schema ?? year.schema, onTask: onTask)
        defer {
            frontend.stop()
            backend.stop()
        }
        let id = frontend.addBackend(heartbeatPort: backend.heartbeatPort)
        try frontend.waitForBackends()
        try body(frontend, backend, id)
    }

    /// What a right backend does.
    private static func obey(
        _ backend: ScriptedBackend, _ task: WireRecord, publish: [String: WireValue]
    ) throws {
        let type = PeerTask(rawValue: task.number("task_type") ?? -1)
        let tablet = task.number("create_tablet_req.tablet_id") ?? task.number("push_req.tablet_id") ?? 0
        let info = WireValue.record(backend.info(tablet))
        switch type {
        case .create, .realtimePush:
            try backend.finish(task, ["report_version": 1, "finish_tablet_infos": [info]])
        case .publish: try backend.finish(task, publish)
        default: try backend.finish(task)
        }
    }

    @Test(arguments: [true, false])
    func aPublishWithoutSucceededTabletsIsNeverVisibleIn2026(hasMap: Bool) throws {
        try run(.year2026) { backend, task in
            let tablets = task.list("publish_version_req.base_tablet_ids")
            let map = WireValue.map(Dictionary(uniqueKeysWithValues: tablets.map { ($0, 2) }))
            try? Self.obey(backend, task, publish: hasMap ? ["succ_tablets": map] : [:])
        } _: { frontend, _, id in
            _ = try frontend.createTablet(partition: 5, on: [id])
            let transaction = try frontend.push("http://x", bytes: 1, into: 5, on: [id])
            if hasMap {
                #expect(try frontend.publish(transaction) == 2)
            } else {
                #expect(throws: PeerTimeout.self) { try frontend.publish(transaction, seconds: 0.5) }
                #expect(frontend.findings.lines.joined().contains("succ_tablets"))
                #expect(frontend.invisibleTransactions == [transaction])
            }
        }
    }

    @Test func aStatusOf41CanNeverBeTold() throws {
        try run(.year2026, schema: .january2023) { backend, task in
            #expect(throws: CallFailure.self) { try backend.finish(task, code: 41) }
            #expect(throws: CallFailure.self) { try backend.finish(task, code: 41) }
        } _: { frontend, _, id in
            let task = WireRecord.task(
                .clearTransaction, 5,
                WireRecord(
                    "TClearTransactionTaskRequest",
                    [
                        "transaction_id": 5, "partition_id": [],
                    ]))
            frontend.send([task], to: id, because: DorisFrontend.statement)
            try frontend.wait("two tries") { frontend.findings.all.values.contains(2) }
            #expect(frontend.findings.contains(.unknownEnumValue, "finishTask.request.task_status.status_code"))
            #expect(frontend.ends(of: task, on: id).isEmpty)
        }
    }

    @Test func anUnsetTermAndAnUnwantedOneDiffer() throws {
        try run(.year2026) { backend, task in
            try? Self.obey(backend, task, publish: [:])
        } _: { frontend, backend, id in
            let tablet = try frontend.createTablet(partition: 5, on: [id])
            let replica = frontend.state.withLock { $0.replicas[tablet]![0].id }
            let right: [String: WireValue] = ["replica_id": .number(replica), "partition_id": 5]
            for _ in 1...4 { try backend.report([backend.info(tablet, right)]) }
            #expect(frontend.recentCorrections(reports: 4).isEmpty && frontend.differences.isEmpty)
            // One that is always sent brings a conf at each report, for ever.
            for _ in 1...4 {
                try backend.report([backend.info(tablet, right.merging(["cooldown_term": -1]) { $1 })])
                try frontend.wait("a round") { frontend.state.withLock { $0.cooldownUpdates.isEmpty } }
            }
            #expect(frontend.repeats().joined().contains("cooldown_term is -1"))
            #expect(!frontend.differences.isEmpty)
        }
    }

    @Test func whatDiffersIsPushedAtEachReportUntilItAgrees() throws {
        try run(.year2026) { backend, task in
            try? Self.obey(backend, task, publish: [:])
        } _: { frontend, backend, id in
            let tablet = try frontend.createTablet(partition: 5, on: [id])
            for _ in 1...3 { try backend.report([backend.info(tablet, ["partition_id": 9, "is_in_memory": true])]) }
            let causes = frontend.repeats().joined()
            #expect(causes.contains("partition_id is 9") && causes.contains("is_in_memory"))
            #expect(causes.contains("replica_id is 0"))
            try backend.report([backend.info(77)])
            #expect(frontend.recentCorrections(reports: 1).joined().contains("tablet 77 is not in the metadata"))
        }
    }

    @Test func policiesArePushedUntilTheyAreReported() throws {
        try run(.year2026) { _, _ in
        } _: { frontend, backend, _ in
            frontend.setPolicies([
                PeerPolicy(id: 3, name: "cold", version: 2, resourceID: 4, resourceVersion: 1, ttlSeconds: 9)
            ])
            func report(_ policy: [Int64: Int64], _ resource: [Int64: Int64]) throws {
                func list(_ type: String, _ of: [Int64: Int64]) -> WireValue {
                    .list(of.map { .record(WireRecord(type, ["id": .number($0.key), "version": .number($0.value)])) })
                }
                try backend.call(
                    "report",
                    WireRecord(
                        "TReportRequest",
                        [
                            "backend": backend.place, "storage_policy": list("TStoragePolicy", policy),
                            "resource": list("TStorageResource", resource),
                        ]))
            }
            #expect(frontend.policyDifferences.joined().contains("has reported no policies"))
            for _ in 1...3 { try report([3: 1], [4: 1]) }
            #expect(frontend.repeats().joined().contains("PUSH_STORAGE_POLICY"))
            #expect(frontend.policyDifferences.count == 1)
            try report([3: 2], [4: 1])
            #expect(frontend.policyDifferences.isEmpty)
        }
    }

    @Test func aVersionBeyondAGapIsJournaledToAndFro() throws {
        try run(.january2023) { backend, task in
            try? Self.obey(backend, task, publish: [:])
        } _: { frontend, backend, id in
            let tablet = try frontend.createTablet(partition: 5, on: [id])
            try backend.report([backend.info(tablet, ["version": 4])])
            for _ in 1...3 {
                try backend.report([backend.info(tablet, ["version": 4, "version_miss": true])])
            }
            #expect(frontend.journalEntries.joined().contains("to 4"))
            #expect(frontend.journalEntries.joined().contains("lacks 5"))
        }
    }

    @Test func anEndThatIsToldTwiceAndOneThatIsNeverToldAreSeen() throws {
        try run(.january2023) { backend, task in
            guard task.number("task_type") == 0 else { return }
            try? Self.obey(backend, task, publish: [:])
            try? Self.obey(backend, task, publish: [:])
        } _: { frontend, backend, id in
            let tablet = try frontend.createTablet(partition: 5, on: [id])
            try frontend.wait("the second end") { !frontend.repeatedEnds.isEmpty }
            #expect(throws: PeerTimeout.self) { try frontend.push("u", bytes: 1, into: 5, on: [id], seconds: 0.2) }
            #expect(frontend.queued.joined().contains("REALTIME_PUSH"))
            // It is sent again at each report that lacks it.
            for _ in 1...3 {
                try backend.call(
                    "report", WireRecord("TReportRequest", ["backend": backend.place, "tasks": .map([:])]))
            }
            #expect(frontend.repeats().joined().contains("the task report lacks it"))
            _ = tablet
        }
    }
}
