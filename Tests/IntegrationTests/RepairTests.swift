import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Clusters of real processes whose replicas lose versions, and get them back without anybody's doing.
    @Suite struct RepairTests {
        @Test func aKilledBackendCatchesUpWhileLoadsGoOn() throws {
            try ProcessCluster.runQuickToRepair { cluster in
                try cluster.createTable("t", buckets: 3, replicas: 3)
                var files = [try cluster.loadRows("t", seed: 1)]
                let victim = cluster.backends[0]
                let load = try cluster.start(
                    "load", "t", "--file", try cluster.makeRows("under-way.csv", count: 5000, seed: 99), "--label",
                    "cut")
                victim.daemon.kill()
                _ = try load.wait()
                if try cluster.outcome(ofLoad: "cut") == .visible {
                    files.append("\(cluster.folder.path)/under-way.csv")
                }
                for seed in UInt64(2)...4 { files.append(try cluster.loadRows("t", seed: seed)) }
                let sick = try cluster.unhealthyReplicas()
                let id = try cluster.id(of: victim)
                #expect(sick.count == 3 && sick.allSatisfy { $0.replica.backendID == id && !$0.replica.reason.isEmpty })
                #expect(sick.allSatisfy { $0.replica.unhealthySinceMs > 0 && !$0.note.isEmpty })

                try victim.start()
                for seed in UInt64(5)...6 { files.append(try cluster.loadRows("t", seed: seed)) }
                try cluster.waitUntilHealthy("t")
                #expect(try cluster.unhealthyReplicas().isEmpty)
                try cluster.expectEverywhere("t", cluster.checksum(files: files), on: cluster.backends)
            }
        }

        @Test func aLostSegmentIsNamedWithItsVersionAndComesBack() throws {
            try ProcessCluster.runQuickToRepair(frontend: ["disable_tablet_scheduler": "true"]) { cluster in
                try cluster.createTable("t", buckets: 1, replicas: 3)
                let files = try (UInt64(1)...4).map { try cluster.loadRows("t", seed: $0) }
                let tablet = try #require(try cluster.decode([TabletView].self, "tablets", "t").first).id
                let victim = cluster.backends[1]
                let id = try cluster.id(of: victim)
                let path = try victim.segmentFile(of: tablet, version: 3)
                victim.daemon.kill()
                try FileManager.default.removeItem(atPath: path)
                try victim.start()

                let found = try eventually("the FE sees the gap") {
                    try cluster.unhealthyReplicas().first { !$0.replica.reason.contains("dead") }
                }
                #expect(found.tabletID == tablet && found.replica.backendID == id && found.visibleVersion == 5)
                #expect(found.replica.unhealthySinceMs > 0)
                #expect(found.note.contains("disable_tablet_scheduler"))
                let list = try cluster.attempt(["replicas", "--unhealthy"]).output
                #expect(list.contains(" 5/5  3 "), "\(list)")
                let text = try cluster.control("tablet", "\(tablet)")
                let line = try #require(text.split(separator: "\n").first { $0.contains(" \(id) ") })
                #expect(line.contains("0-2") && line.contains("4-5") && line.contains(" 3 "), "\(line)")
                #expect(try victim.versionGraph(tablet).missing == [.init(start: 3, end: 3)])
                // Nobody reads from it.
                #expect(try cluster.readChecksum("t") == cluster.checksum(files: files))

                cluster.frontend.settings["disable_tablet_scheduler"] = "false"
                try cluster.frontend.restart()
                try cluster.waitForAliveBackends()
                try cluster.waitUntilHealthy("t")
                #expect(try victim.versionGraph(tablet).missing.isEmpty)
                try cluster.expectEverywhere("t", cluster.checksum(files: files), on: cluster.backends)
                let history = try cluster.decode(SchedulerView.self, "scheduler").history
                let clone = try #require(history.first { $0.state == "finished" && $0.destinationBackendID == id })
                #expect(clone.tabletID == tablet && clone.status == "VERSION_INCOMPLETE" && clone.copiedBytes > 0)
            }
        }

        @Test func aBackendThatStartsWithAnOldDiskIsBroughtUpToDate() throws {
            try ProcessCluster.runQuickToRepair { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 3)
                var files = [try cluster.loadRows("t", seed: 1)]
                let victim = cluster.backends[2]
                let old = "\(cluster.folder.path)/old-disk"
                #expect(try victim.daemon.stop() == 0)
                try FileManager.default.copyItem(atPath: victim.storageFolder, toPath: old)
                try victim.start()
                try cluster.waitForAliveBackends()
                for seed in UInt64(2)...4 { files.append(try cluster.loadRows("t", seed: seed)) }
                try cluster.waitUntilHealthy("t")

                #expect(try victim.daemon.stop() == 0)
                try FileManager.default.removeItem(atPath: victim.storageFolder)
                try FileManager.default.moveItem(atPath: old, toPath: victim.storageFolder)
                try victim.start()
                // The versions are lower than the FE knew.
                try eventually("repair of both tablets") {
                    let history = try cluster.decode(SchedulerView.self, "scheduler").history
                    return Set(history.filter { $0.state == "finished" }.map(\.tabletID)).count == 2
                }
                try cluster.waitUntilHealthy("t")
                try cluster.expectEverywhere("t", cluster.checksum(files: files), on: cluster.backends)
            }
        }

        @Test func replicasWithDifferentGapsHealEachOther() throws {
            try ProcessCluster.runQuickToRepair { cluster in
                try cluster.createTable("t", buckets: 1, replicas: 3)
                let files = try (UInt64(1)...4).map { try cluster.loadRows("t", seed: $0) }
                let tablet = try #require(try cluster.decode([TabletView].self, "tablets", "t").first).id
                for (backend, version) in zip(cluster.backends, [Int64(2), 3, 4]) {
                    let path = try backend.segmentFile(of: tablet, version: version)
                    backend.daemon.kill()
                    try FileManager.default.removeItem(atPath: path)
                }
                for backend in cluster.backends { try backend.start() }
                for backend in cluster.backends { #expect(try backend.versionGraph(tablet).missing.count <= 1) }
                try eventually("all whole") {
                    try cluster.backends.allSatisfy { try $0.versionGraph(tablet).missing.isEmpty }
                }
                try cluster.waitUntilHealthy("t")
                try cluster.expectEverywhere("t", cluster.checksum(files: files), on: cluster.backends)
            }
        }

        @Test func replicasOfABackendThatStaysAwayAreMadeAnewElsewhere() throws {
            let settings = ["tablet_repair_delay_factor_second": "1"]
            try ProcessCluster.runQuickToRepair(backends: 4, frontend: settings) { cluster in
                try cluster.createTable("t", buckets: 4, replicas: 3)
                let files = try (UInt64(1)...2).map { try cluster.loadRows("t", seed: $0) }
                let victim = cluster.backends[0]
                let id = try cluster.id(of: victim)
                let before = try cluster.decode([TabletView].self, "tablets", "t")
                #expect(before.contains { $0.replicas.contains { $0.backendID == id } })
                victim.daemon.kill()

                try eventually("three replicas elsewhere") {
                    try cluster.decode([TabletView].self, "tablets", "t").allSatisfy {
                        $0.replicas.filter { $0.backendID != id && $0.isHealthy }.count == 3
                    }
                }
                let wanted = try cluster.checksum(files: files)
                #expect(try cluster.readChecksum("t") == wanted)

                // Back again: what it has is not needed any more, and goes.
                try victim.start()
                try eventually("surplus is dropped") {
                    let tablets = try cluster.decode([TabletView].self, "tablets", "t")
                    return tablets.allSatisfy { $0.replicas.count == 3 && $0.replicas.allSatisfy(\.isHealthy) }
                }
                #expect(try cluster.readChecksum("t") == wanted)
                _ = try cluster.control("check", "--table", "t")
            }
        }

        @Test func aDecommissionedBackendIsDrained() throws {
            try ProcessCluster.runQuickToRepair(backends: 4) { cluster in
                try cluster.createTable("t", buckets: 4, replicas: 3)
                let files = try (UInt64(1)...2).map { try cluster.loadRows("t", seed: $0) }
                let leaving = cluster.backends[1]
                let id = try cluster.id(of: leaving)
                let drained = try cluster.control(
                    "decommission", leaving.heartbeatAddress.description, "--watch", "--timeout", "60")
                #expect(drained.contains("\(id)") && drained.contains("drained"), "\(drained)")
                try eventually("the FE forgets it") {
                    try !cluster.decode([BackendView].self, "backends").contains { $0.id == id }
                }
                let tablets = try cluster.decode([TabletView].self, "tablets", "t")
                #expect(tablets.allSatisfy { $0.replicas.count == 3 && !$0.replicas.contains { $0.backendID == id } })
                try cluster.waitUntilHealthy("t")
                #expect(try cluster.readChecksum("t") == cluster.checksum(files: files))
                _ = try cluster.control("check", "--table", "t")
            }
        }

        @Test func aDecommissionThatCanNotEndSaysWhatItWaitsForAndIsTakenBack() throws {
            try ProcessCluster.runQuickToRepair { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 3)
                _ = try cluster.loadRows("t", seed: 1)
                let address = cluster.backends[0].heartbeatAddress.description
                let late = try cluster.attempt(["decommission", address, "--watch", "--timeout", "2"])
                #expect(late.status == 5 && late.error.contains("2 replicas"), "\(late.error)")
                let taken = try cluster.attempt(["decommission", address, "--cancel"])
                #expect(taken.status == 0)
                try cluster.waitUntilHealthy("t")
                let tablets = try cluster.decode([TabletView].self, "tablets", "t")
                #expect(tablets.allSatisfy { $0.replicas.count == 3 })
            }
        }

        @Test func aRepairGoesOnAfterTheFrontendWasKilledInIt() throws {
            // Slow enough to be met at work.
            try ProcessCluster.runQuickToRepair(
                backends: 4, frontend: ["tablet_repair_delay_factor_second": "1"],
                backend: ["max_download_speed_kbps": "50"]
            ) { cluster in
                try cluster.createTable("t", buckets: 4, replicas: 3)
                let files = try (UInt64(1)...2).map { try cluster.loadRows("t", count: 30_000, seed: $0) }
                let gone = cluster.backends[3]
                let id = try cluster.id(of: gone)
                gone.daemon.kill()
                try eventually("a clone under way, with its progress") {
                    try cluster.control("scheduler").contains(" files, ")
                }
                cluster.frontend.kill()
                try cluster.frontend.start()
                try eventually("three replicas elsewhere") {
                    try cluster.decode([TabletView].self, "tablets", "t").allSatisfy {
                        $0.replicas.filter { $0.backendID != id && $0.isHealthy }.count == 3
                    }
                }
                #expect(try cluster.readChecksum("t") == cluster.checksum(files: files))
                _ = try cluster.control("check", "--table", "t")
                // No slot was lost.
                try eventually("all slots are free") {
                    let view = try cluster.decode(SchedulerView.self, "scheduler")
                    return view.running.isEmpty && view.slots.allSatisfy { $0.used == 0 }
                }
            }
        }

        @Test func repairCommandsTellScriptsHowTheyEnded() throws {
            try ProcessCluster.runQuickToRepair { cluster in
                try cluster.createTable("t", buckets: 1, replicas: 3)
                _ = try cluster.loadRows("t", seed: 1)
                let tablet = try #require(try cluster.decode([TabletView].self, "tablets", "t").first).id
                try cluster.waitUntilHealthy("t")

                func status(_ arguments: String...) throws -> Int32 { try cluster.attempt(arguments).status }
                #expect(try status("replicas") == 2)
                #expect(try status("replicas", "--unhealthy") == 0)
                #expect(try status("replicas", "--unhealthy", "--table", "nowhere") == 4)
                #expect(try status("tablet", "99") == 4)
                #expect(try status("tablet", "\(tablet)", "--backend", "99") == 4)
                #expect(try status("repair") == 2)
                #expect(try status("repair", "99") == 4)
                #expect(try status("repair", "\(tablet)") == 0)
                #expect(try status("check") == 2)
                #expect(try status("check", "99") == 4)
                #expect(try status("decommission", "127.0.0.1:1") == 4)
                #expect(try status("decommission", "127.0.0.1:1", "--watch", "--cancel") == 2)

                let check = try cluster.decode([ConsistencyCheckView].self, "check", "\(tablet)")
                #expect(check.first?.state == .consistent && check.first?.replicas.count == 3)
                #expect(Set(check.first?.replicas.map(\.checksum) ?? []).count == 1)
                // The disks are known once each backend has reported them.
                try eventually("three idle disks") {
                    let view = try cluster.decode(SchedulerView.self, "scheduler")
                    return view.running.isEmpty && view.slots.count == 3
                }
                let drawing = try cluster.control("tablet", "\(tablet)", "--versions", "--ascii")
                #expect(drawing.contains("\(tablet)"))
                let svg = "\(cluster.folder.path)/tablet.svg"
                _ = try cluster.control("tablet", "\(tablet)", "--svg", svg)
                #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("<svg"))

                cluster.backends[0].daemon.kill()
                try eventually("it is missed") { try status("replicas", "--unhealthy") == 6 }
                let late = try cluster.attempt(["repair", "\(tablet)", "--wait", "--timeout", "1"])
                #expect(late.status == 5 && late.error.contains("\(tablet)"), "\(late.error)")
                // A replica that can't be asked makes a check incomplete, and not a difference.
                #expect([0, 1].contains(try status("check", "\(tablet)", "--timeout", "20")))
            }
        }
    }
}
