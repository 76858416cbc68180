import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Three real FEs over a real etcd, and what befalls the one that leads.
    @Suite struct FailoverTests {
        @Test func afterAKillAnotherOneLeadsAndTheBackendFollowsIt() throws {
            try ReplicatedCluster.run(backends: 1) { cluster in
                let first = try cluster.master()
                let before = cluster.at(first)
                try before.createTable("t", buckets: 2, replicas: 1)
                let file = try before.makeRows("rows.csv", count: 500)
                _ = try before.control("load", "t", "--file", file, "--label", "before")
                let epoch = try before.decode(MasterStatusView.self, "status").epoch
                first.kill()

                let second = try cluster.master(otherThan: first)
                let after = cluster.at(second)
                let status = try after.decode(MasterStatusView.self, "status")
                #expect(status.epoch == epoch + 1 && status.tables == 1)
                try eventually("the new epoch at the backend") {
                    try cluster.backends[0].status().masterEpoch == status.epoch
                }
                try eventually("a live backend") {
                    try after.decode(MasterStatusView.self, "status").aliveBackends == 1
                }
                #expect(try after.readChecksum("t") == after.checksum(file: file))
                // Through one that follows: the bytes go to the master.
                let third = try #require(cluster.frontends.first { $0 !== first && $0 !== second })
                _ = try cluster.at(third).control("load", "t", "--file", file, "--label", "after")
                #expect(try after.readChecksum("t").rows == 1000)

                try first.start()
                try cluster.awaitReplayed(from: second)
                for frontend in cluster.frontends {
                    #expect(try cluster.ownMetric("tabletd_fe_tables", of: frontend) == 1, "\(frontend.name)")
                }
                #expect(ReplicatedCluster.state(second) == "MASTER")
            }
        }

        /// Its lease would have gone on for 48 s at least.
        @Test func theLeaseOfAMasterThatDiedIsNotWaitedFor() throws {
            try ReplicatedCluster.run(settings: ["leader_lease_seconds": "60"]) { cluster in
                var master = try cluster.master()
                for round in 0..<3 {
                    #expect(try cluster.makeDatabase("d\(round)", at: master).isSuccess)
                    let place = master.logLength
                    master.kill()
                    let next = try cluster.master(otherThan: master, within: 40)
                    try master.waitForLog("its lease is given back", from: place)
                    #expect(try cluster.databases(at: next).contains("d\(round)"))
                    try master.start()
                    try cluster.awaitReplayed(from: next)
                    master = next
                }
            }
        }

        @Test func nothingAcknowledgedIsLostWhenThirtyMastersAreKilledUnderWrites() throws {
            try ReplicatedCluster.run { cluster in
                // One of the three is always away or on its way: two thirds of them find a frontend.
                let writes = AcknowledgedWrites(cluster, threads: 4, perSecond: 75)
                var master = try cluster.master()
                let began = Date()
                try writes.waitForMore(100)
                let rate = 100 / Date().timeIntervalSince(began)
                #expect(rate > 50, "\(rate) changes a second")
                for _ in 0..<30 {
                    try writes.waitForMore(10)
                    master.kill()
                    let killed = master
                    master = try cluster.master(otherThan: killed)
                    try killed.start()
                }
                try writes.waitForMore(50)
                let (names, gap) = writes.stop()
                try cluster.awaitReplayed(from: master)
                let there = try cluster.databases(at: master)
                #expect(names.subtracting(there).isEmpty, "lost: \(names.subtracting(there).sorted().prefix(10))")
                // A lease, the same again for a machine that is busy with other tests, and the promotion.
                #expect(gap < Double(ReplicatedCluster.leaseSeconds) * 2 + 5, "nothing was acknowledged for \(gap) s")
                // Nor by the next one.
                master.kill()
                let last = try cluster.master(otherThan: master)
                #expect(names.subtracting(try cluster.databases(at: last)).isEmpty)
            }
        }

        @Test func aMasterThatWasStoppedBeyondItsLeaseFollowsWhenItGoesOn() throws {
            try ReplicatedCluster.run(backends: 1) { cluster in
                let first = try cluster.master()
                let (place, backend) = (first.logLength, cluster.backends[0])
                first.freeze()
                let second = try cluster.master(otherThan: first)
                let epoch = try cluster.at(second).decode(MasterStatusView.self, "status").epoch
                try eventually("the new epoch at the backend") { try backend.status().masterEpoch == epoch }
                let refused = try backend.metric("tabletd_be_heartbeats_refused_total")
                #expect(try cluster.makeDatabase("meanwhile", at: second).isSuccess)

                first.thaw()
                try first.waitForLog("transfer from MASTER to FOLLOWER", from: place)
                try first.waitForLog("this FE has stopped being the master", from: place)
                try cluster.awaitReplayed(from: second)
                // Two rounds of heartbeats.
                let handled = try backend.metric("tabletd_be_heartbeats_total")
                try eventually("heartbeats of the new master") {
                    try backend.metric("tabletd_be_heartbeats_total") >= handled + 3
                }
                #expect(first.isRunning && ReplicatedCluster.state(second) == "MASTER")
                #expect(try backend.metric("tabletd_be_heartbeats_refused_total") == refused)
                #expect(try backend.status().masterEpoch == epoch)
                // A change sent to it is the new master's.
                #expect(try cluster.makeDatabase("behind", at: first).isSuccess)
                #expect(try cluster.databases(at: second).isSuperset(of: ["meanwhile", "behind"]))
            }
        }

        @Test func anObserverNeverLeads() throws {
            try ReplicatedCluster.run(followers: 1, observers: 1) { cluster in
                let (follower, observer) = (cluster.frontends[0], cluster.frontends[1])
                #expect(try cluster.makeDatabase("before", at: observer).isSuccess)
                follower.kill()
                // It does not know of that yet.
                #expect(try cluster.databases(at: observer).contains("before"))
                try observer.waitForLog("transfer from OBSERVER to UNKNOWN")
                let refused = try cluster.makeDatabase("meanwhile", at: observer)
                #expect(refused.status == 503, "\(refused.status)")
                #expect(try cluster.databases(at: observer).contains("before"))
                try follower.start()
                _ = try cluster.master()
                try eventually("a change again") { try cluster.makeDatabase("after", at: observer).isSuccess }
                #expect(!observer.log(from: 0).contains("to MASTER"))
                let listed = try cluster.at(observer).decode([FrontendView].self, "frontends")
                #expect(listed.filter(\.isMaster).map(\.role) == [.follower] && listed.count == 2)
            }
        }

        @Test func whoeverChangesSomethingThroughAFollowerHasItThereAfterwards() throws {
            try ReplicatedCluster.run(followers: 2, observers: 1) { cluster in
                for round in 0..<30 {
                    let frontend = cluster.frontends[1 + round % 2]
                    let answer = try cluster.makeDatabase("d\(round)", at: frontend)
                    #expect(answer.isSuccess)
                    let made = try #require(answer.header("X-Tabletd-Log-Id").flatMap { Int64($0) })
                    #expect(try cluster.knownLogID(of: frontend) >= made)
                }
            }
        }
    }
}
