import Testing

@testable import PeerKit

/// The backend of the kit must catch each wrong that a frontend can do to a Doris BE.
@Suite struct DorisBackendTests {
    /// A backend under a frontend of the kit, until the first heartbeat.
    private func run(_ year: PeerYear, _ body: (DorisFrontend, DorisBackend, Int64) throws -> Void) throws {
        let frontend = try DorisFrontend(year)
        let backend = try DorisBackend(year)
        defer {
            frontend.stop()
            backend.stop()
        }
        let id = frontend.addBackend(heartbeatPort: backend.heartbeatPort)
        try frontend.waitForBackends()
        try body(frontend, backend, id)
    }

    @Test(arguments: PeerYear.allCases)
    func twoPeersOfAYearAgree(year: PeerYear) throws {
        try run(year) { frontend, backend, id in
            let policy = PeerPolicy(
                id: 3, name: "cold", version: 1, resourceID: 4, resourceVersion: 1, ttlSeconds: 100)
            frontend.setPolicies([policy])
            let plain = try frontend.createTablet(partition: 5, on: [id], isInMemory: true)
            _ = try frontend.createTablet(partition: 5, on: [id], policy: policy)
            frontend.alter(plain, isInMemory: false)
            try frontend.wait("agreement") {
                frontend.differences.isEmpty && frontend.policyDifferences.isEmpty && backend.policies.count == 1
                    && frontend.recentCorrections(reports: 3).isEmpty && frontend.fewestReports("tablets") > 3
            }
            #expect(backend.cooling.appointed == 1)
            #expect(frontend.queued.isEmpty && frontend.repeats().isEmpty && frontend.repeatedEnds.isEmpty)
            #expect(frontend.findings.lines.isEmpty)
            #expect(backend.findings.lines.isEmpty)
        }
    }

    @Test(arguments: [0, 3] as [Int64])
    func aLoadWithoutAScanRangeEndsTheProcess(pushType: Int64) throws {
        try run(.january2023) { frontend, backend, id in
            _ = try frontend.createTablet(partition: 5, on: [id])
            let push = WireRecord(
                "TPushReq",
                [
                    "tablet_id": 1, "schema_hash": 1, "version": -1, "version_hash": 0, "timeout": 1,
                    "push_type": .number(pushType), "http_file_path": "http://x",
                ])
            frontend.send([.task(.realtimePush, 9, push)], to: id, because: DorisFrontend.statement)
            try frontend.wait("the end of the process") { backend.processEnd != nil }
            #expect(backend.findings.contains(.processEnd, "backend"))
        }
    }

    @Test func aFrontendWithoutFrontendInfosAndAForeignSourceAreSeen() throws {
        let frontend = try DorisFrontend(.january2023)
        let backend = try DorisBackend(.year2026)
        defer {
            frontend.stop()
            backend.stop()
        }
        let id = frontend.addBackend(heartbeatPort: backend.heartbeatPort)
        try frontend.waitForBackends()
        try frontend.wait("a warning") {
            backend.findings.contains(.conduct, "heartbeat.master_info.frontend_infos")
        }
        let place = WireRecord("TBackend", ["host": "127.0.0.1", "be_port": 1, "http_port": 1])
        let clone = WireRecord(
            "TCloneReq", ["tablet_id": 1, "schema_hash": 1, "src_backends": [.record(place)]])
        frontend.send([.task(.clone, 1, clone)], to: id, because: DorisFrontend.statement)
        try frontend.wait("the refusal") { backend.findings.contains(.conduct, "clone_req.src_backends") }
        // What only one of the years has is found on both sides.
        try frontend.wait("fields") { frontend.findings.lines.joined().contains("has no field") }
    }

    @Test func aTaskThatComesAgainIsCounted() throws {
        try run(.year2026) { frontend, backend, id in
            let task = WireRecord.task(.cleanTrash, 1, WireRecord("TCleanTrashReq"))
            for _ in 1...3 {
                let before = frontend.ends(of: task, on: id).count
                frontend.send([task], to: id, because: DorisFrontend.statement)
                try frontend.wait("its end") { frontend.ends(of: task, on: id).count > before }
                try frontend.wait("it left") { backend.running == 0 }
            }
            #expect(backend.received(moreThan: 2).count == 1)
            #expect(!backend.receivedLately(seconds: 60).isEmpty)
        }
    }
}
