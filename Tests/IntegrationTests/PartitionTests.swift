import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Real FEs of which one is cut off from a part of what it needs.
    @Suite struct PartitionTests {
        /// It reaches every backend, and must not act: it can't know that it leads.
        @Test func aMasterThatIsCutOffFromEtcdAloneIsFollowedByAnotherOne() throws {
            try ReplicatedCluster.run(backends: 1, isRelayed: true) { cluster in
                let (first, backend) = (try cluster.master(), cluster.backends[0])
                let before = cluster.at(first)
                try before.createTable("t", buckets: 2, replicas: 1)
                let file = try before.makeRows("rows.csv", count: 500)
                _ = try before.control("load", "t", "--file", file, "--label", "before")
                #expect(try cluster.makeDatabase("known", at: first).isSuccess)
                try cluster.awaitReplayed(from: first)
                let place = first.logLength
                let refused = try backend.metric("tabletd_be_heartbeats_refused_total")
                let writes = AcknowledgedWrites(cluster, threads: 3, perSecond: 50)
                try writes.waitForMore()

                for relay in cluster.toEtcd[0] { relay.cut() }
                let second = try cluster.master(otherThan: first)
                let epoch = try cluster.at(second).decode(MasterStatusView.self, "status").epoch
                try eventually("the new epoch at the backend") { try backend.status().masterEpoch == epoch }
                try first.waitForLog("this FE has stopped being the master", from: place)
                // It says why, and shows what it knows.
                let began = Date()
                let refusal = try cluster.makeDatabase("cut", at: first)
                #expect(!refusal.isSuccess && Date().timeIntervalSince(began) < 3)
                #expect(try cluster.databases(at: first).contains("known"))
                let after = cluster.at(second)
                try eventually("a live backend") {
                    try after.decode(MasterStatusView.self, "status").aliveBackends == 1
                }
                _ = try after.control("load", "t", "--file", file, "--label", "after")
                // Nothing of the old term came to the backend behind the new one's first word.
                #expect(try backend.metric("tabletd_be_heartbeats_refused_total") == refused)

                for relay in cluster.toEtcd[0] { relay.mend() }
                try cluster.awaitReplayed(from: second)
                try eventually("a change through the one that was cut off") {
                    try cluster.makeDatabase("mended", at: first).isSuccess
                }
                #expect(try cluster.databases(at: second).contains("mended"))
                #expect(!(try cluster.databases(at: second).contains("cut")))
                try writes.waitForMore()
                let (names, _) = writes.stop()
                let lost = names.subtracting(try cluster.databases(at: second))
                #expect(lost.isEmpty, "lost: \(lost.sorted().prefix(10))")
                #expect(try cluster.at(first).readChecksum("t").rows == 1000)
                #expect(try cluster.at(second).decode(MasterStatusView.self, "status").epoch == epoch)
                #expect(first.isRunning && ReplicatedCluster.state(second) == "MASTER")
            }
        }

        @Test func aFollowerThatIsCutOffFromEtcdDisturbsNobody() throws {
            try ReplicatedCluster.run(isRelayed: true) { cluster in
                let (master, follower) = (cluster.frontends[0], cluster.frontends[2])
                let epoch = try cluster.at(master).decode(MasterStatusView.self, "status").epoch
                for relay in cluster.toEtcd[2] { relay.cut() }
                for round in 0..<20 {
                    #expect(try cluster.makeDatabase("d\(round)", at: cluster.frontends[round % 2]).isSuccess)
                }
                try follower.waitForLog("transfer from FOLLOWER to UNKNOWN")
                // It reaches the master still, and sends on to it what it is asked.
                #expect(try cluster.makeDatabase("through", at: follower).isSuccess)
                #expect(try cluster.databases(at: master).contains("through"))
                for relay in cluster.toEtcd[2] { relay.mend() }
                try cluster.awaitReplayed(from: master)
                try eventually("a change through it") { try cluster.makeDatabase("mended", at: follower).isSuccess }
                #expect(try cluster.databases(at: follower).isSuperset(of: ["d0", "d19", "mended"]))
                #expect(try cluster.at(master).decode(MasterStatusView.self, "status").epoch == epoch)
            }
        }

        /// The lease says who leads, not who reaches the backends.
        @Test func aMasterThatIsCutOffFromTheBackendsAloneStaysTheMaster() throws {
            try ReplicatedCluster.run(
                followers: 2, backends: 3, isRelayed: true, settings: ["heartbeat_timeout_ms": "1000"]
            ) { cluster in
                let master = try cluster.master()
                let hand = cluster.at(master)
                func status() throws -> MasterStatusView { try hand.decode(MasterStatusView.self, "status") }
                func awaitAlive(_ count: Int) throws {
                    try eventually("\(count) live backends") { try status().aliveBackends == count }
                }
                try hand.createTable("t", buckets: 2, replicas: 3)
                let file = try hand.makeRows("rows.csv", count: 500)
                _ = try hand.control("load", "t", "--file", file, "--label", "before")
                let epoch = try status().epoch

                for relay in cluster.toBackends { relay.cut() }
                try awaitAlive(0)
                #expect(try cluster.makeDatabase("meanwhile", at: cluster.frontends[1]).isSuccess)
                let refused = try hand.attempt(["load", "t", "--file", file, "--label", "meanwhile"])
                #expect(refused.status != 0 && refused.error.contains("backend"), "\(refused.error)")
                #expect(try status().epoch == epoch && ReplicatedCluster.state(master) == "MASTER")

                cluster.toBackends[0].mend()
                try awaitAlive(1)
                for relay in cluster.toBackends { relay.mend() }
                try awaitAlive(3)
                _ = try hand.control("load", "t", "--file", file, "--label", "after")
                #expect(try hand.readChecksum("t").rows == 1000)
                let now = try status()
                #expect(now.epoch == epoch && now.replicas == now.healthyReplicas)
                #expect(try cluster.databases(at: master).contains("meanwhile"))
            }
        }
    }
}
