import HTTPAPI
import TabletModel
import Testing

@testable import tabletctl

@Suite struct RepairRenderingTests {
    @Test func anUnhealthyReplicaShowsReasonAgeAndRepair() throws {
        let found = try view(
            [UnhealthyReplicaView].self,
            """
            [{"tabletID":10012,"table":{"database":"default","table":"flights"},"bucket":3,"visibleVersion":9,
              "replica":\(replicaJSON()),"repair":"running","note":""}]
            """)
        let lacked = VersionSet([VersionRange(Version(3), Version(4)), VersionRange(Version(8), Version(8))])
        let text = renderUnhealthy(found, [101: lacked], nowMs: 115_000)
        #expect(text.contains("10012  default.flights"))
        #expect(text.contains("7/9  3-4, 8   unhealthy  1m15s  running  it missed version 8"))
        #expect(renderUnhealthy(found, [:], nowMs: 0).contains("7/9  ?        unhealthy"))
        #expect(renderUnhealthy([], [:], nowMs: 0) == "every replica is healthy\n")
    }

    @Test(arguments: [
        (true, false, "NORMAL", "healthy"), (false, true, "NORMAL", "bad"), (false, false, "NORMAL", "unhealthy"),
        (false, false, "CLONE", "clone"),
    ])
    func aReplicaHasOneWordForItsHealth(isHealthy: Bool, isBad: Bool, state: String, word: String) throws {
        let replica = try view(
            ReplicaView.self, replicaJSON(isHealthy: isHealthy, isBad: isBad, state: state))
        #expect(health(of: replica) == word)
    }

    @Test func anAgeIsShownOnlyOfTheUnhealthy() throws {
        #expect(unhealthyFor(try view(ReplicaView.self, replicaJSON(since: 40_000)), nowMs: 45_000) == "5s")
        #expect(unhealthyFor(try view(ReplicaView.self, replicaJSON(since: 0)), nowMs: 45_000) == "-")
        #expect(
            unhealthyFor(try view(ReplicaView.self, replicaJSON(isHealthy: true, since: 40_000)), nowMs: 45_000) == "-")
    }

    @Test func theTablesOfATabletNameHeldAndMissingVersions() throws {
        let tablet = try view(
            TabletView.self,
            """
            {"id":10012,"table":{"database":"default","table":"flights"},"partitionID":1,"schemaHash":5,"bucket":3,
             "visibleVersion":9,"cooldownReplicaID":-1,"cooldownTerm":0,
             "replicas":[\(replicaJSON()),\(replicaJSON(id: 102, backend: 2, reason: "its backend is dead"))]}
            """)
        let text = TabletText(tablet, picture(visible: 9, [graph([(0, 3), (6, 7)]), nil]), nowMs: 45_000).render()
        #expect(text.hasPrefix("tablet 10012 of default.flights, bucket 3, visible version 9\n"))
        #expect(text.contains("0-3, 6-7  4-5, 8-9  unhealthy  5s"))
        #expect(text.contains("its backend is dead; can't be asked: refused"))
        #expect(!text.contains("cooldown"))
    }

    @Test func theSchedulerShowsWhatWaitsWorksAndEnded() throws {
        let scheduler = try view(
            SchedulerView.self,
            """
            {"pending":[\(taskJSON(state: "pending", message: "no free slot on backend 2"))],
             "running":[\(taskJSON(state: "running", copied: 2048, started: 40_000, destination: "1"))],
             "history":[\(taskJSON(state: "finished", started: 12_000, ended: 20_000))],
             "slots":[{"backendID":1,"pathHash":77,"used":1,"total":2}],"unhealthyTablets":2,"lastCheckMs":44000}
            """)
        let text = renderScheduler(scheduler, history: 10, nowMs: 45_000)
        #expect(text.hasPrefix("2 tablets need something; 1 at work, 1 waiting; last looked 1s ago\n"))
        #expect(text.contains("running  2,3   1       1  2.0 KiB  5s"))
        #expect(text.contains("35s  no free slot on backend 2"))
        #expect(text.contains("finished") && text.contains("10s, 25s ago"))
        #expect(!renderScheduler(scheduler, history: 0, nowMs: 45_000).contains("ENDED"))
    }

    @Test func aRunningCloneShowsHowFarItHasCome() throws {
        func clone(_ step: String, source: String?, done: Int64 = 0) throws -> CloneView {
            try view(
                CloneView.self,
                """
                {"tabletID":10012,"replicaID":101,"isWhole":true,"step":"\(step)",\(source.map { "\"source\":\"\($0)\"," } ?? "")
                 "filesDone":3,"filesTotal":8,"bytesDone":\(done),"bytesTotal":4194304,"startedMs":40000}
                """)
        }
        #expect(describe(try clone("snapshot", source: nil), nowMs: 45_000) == "asks its sources for a snapshot")
        #expect(
            describe(try clone("downloading", source: "be2:9060", done: 1_048_576), nowMs: 44_000)
                == "3 of 8 files, 1.0 MiB of 4.0 MiB from be2:9060, 256.0 KiB/s, 12s left")
        // Without a byte there is no rate.
        #expect(
            describe(try clone("downloading", source: "be2:9060"), nowMs: 44_000)
                == "3 of 8 files, 0 B of 4.0 MiB from be2:9060")
        let running = try view(RepairTaskView.self, taskJSON(state: "running", message: ""))
        let scheduler = try view(
            SchedulerView.self,
            """
            {"pending":[],"running":[\(taskJSON(state: "running"))],"history":[],"slots":[],"unhealthyTablets":1,
             "lastCheckMs":44000}
            """)
        let text = renderScheduler(scheduler, [running.tabletID: "so far"], history: 0, nowMs: 45_000)
        #expect(text.contains("so far"))
    }

    @Test func aBarSaysWhatRepairsDoOrWaitFor() throws {
        let running = try view(RepairTaskView.self, taskJSON(state: "running", message: "x", copied: 1536))
        let pending = try view(RepairTaskView.self, taskJSON(state: "pending", message: "no backend has room"))
        #expect(waitingNote(2, [running, pending]) == "2 tablets left, 1 at work, 1.5 KiB copied")
        #expect(waitingNote(1, [pending]) == "1 tablets left, 0 at work: no backend has room")
    }

    @Test func equalChecksumsAreCountedAndDifferentOnesNamed() throws {
        let checks = try view(
            [ConsistencyCheckView].self,
            """
            [{"tabletID":1,"version":9,"state":"consistent","startedMs":1000,"endedMs":3000,"message":"","replicas":[
              {"replicaID":1,"backendID":11,"checksum":255,"error":""},
              {"replicaID":2,"backendID":12,"checksum":255,"error":""}]},
             {"tabletID":2,"version":9,"state":"inconsistent","startedMs":1000,"endedMs":3000,"message":"differ",
              "replicas":[{"replicaID":1,"backendID":11,"checksum":255,"error":""},
              {"replicaID":2,"backendID":12,"checksum":-1,"error":""},
              {"replicaID":3,"backendID":13,"error":"its backend is dead"}]}]
            """)
        let lines = renderChecks(checks).split(separator: "\n")
        #expect(lines[1].contains("consistent    2 equal, ff"))
        #expect(lines[2].contains("ff on 11; ffffffffffffffff on 12; its backend is dead on 13"))
    }

    @Test func thePathOfUnhealthyReplicasNamesTheTable() {
        #expect(unhealthyPath(of: nil, limit: 5) == "/api/replicas?unhealthy=true&limit=5")
        #expect(
            unhealthyPath(of: TableName(database: "a b", table: "t"), limit: 5)
                == "/api/replicas?unhealthy=true&limit=5&table=a%20b.t")
    }
}

@Suite struct DrainTests {
    @Test func aDrainSaysHowFarItIsAndWhatIsNext() throws {
        func sentence(_ count: Int, decommissioned: Bool = true, forgotten: Bool = false) throws -> String {
            let backend = try view(
                BackendView.self,
                """
                {"id":7,"host":"be3","heartbeatPort":9050,"bePort":9060,"httpPort":8040,"isAlive":true,
                 "isDecommissioned":\(decommissioned),"version":"","lastStartMs":0,"lastHeartbeatMs":0,
                 "heartbeatError":"","failingSinceMs":0,"reportLateMs":0,"uuid":"","warnings":[],"tabletCount":\(count),"queuedTasks":0,"lastTabletReportMs":0,
                 "lastDiskReportMs":0,"disks":[]}
                """)
            return Drain(backend: backend, isForgotten: forgotten).sentence(NetworkAddress(host: "be3", port: 9050))
        }
        #expect(try sentence(12).contains("12 replicas are on it"))
        #expect(try sentence(0) == "backend 7 is drained; `tabletctl drop-backend be3:9050` forgets it\n")
        #expect(try sentence(0, forgotten: true) == "backend 7 was drained and is forgotten\n")
        #expect(try sentence(12, decommissioned: false) == "backend 7 is in service\n")
    }

    @Test func foundTroubleHasAnExitCodeOfItsOwn() {
        let codes = [
            CLIError.failed(""), .usage(""), .unreachable(""), .notFound(""), .timedOut(""), .unwell(""),
        ].map(\.exitCode)
        #expect(codes == [1, 2, 3, 4, 5, 6])
    }
}
