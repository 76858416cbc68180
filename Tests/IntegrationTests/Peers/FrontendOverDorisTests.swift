import Foundation
import HTTPAPI
import PeerKit
import ServerFixtures
import Testing

extension IntegrationTests {
    /// `tabletd-fe` over BEs of each of Doris' years, alone and beside one of ours.
    @Suite struct FrontendOverDorisTests {
        private static let settings = [
            "tablet_checker_interval_ms": "300", "agent_task_resend_wait_time_ms": "500",
            "checkpoint_interval_seconds": "5", "surplus_replica_drop_delay_seconds": "1",
        ]

        @Test(arguments: PeerYear.allCases)
        func anHourOverBackendsOfAYear(year: PeerYear) throws {
            try Self.run([year, year, year], own: 0) { cluster, peers in
                try Self.live(cluster, peers, replicas: 3)
            }
        }

        @Test func anHourOverAMixedCluster() throws {
            try Self.run([.january2023, .year2026], own: 1) { cluster, peers in
                try Self.live(cluster, peers, replicas: 3)
                for backend in cluster.backends { #expect(backend.daemon.isRunning) }
            }
        }

        private static func run(
            _ years: [PeerYear], own: Int, _ body: (ProcessCluster, [DorisBackend]) throws -> Void
        ) throws {
            try ProcessCluster.run(backends: own, frontend: settings) { cluster in
                let peers = try years.map { try DorisBackend($0) }
                defer { peers.forEach { $0.stop() } }
                for peer in peers {
                    _ = try cluster.control("add-backend", "127.0.0.1:\(peer.heartbeatPort)", "--wait")
                }
                try body(cluster, peers)
            }
        }

        private static func live(_ cluster: ProcessCluster, _ peers: [DorisBackend], replicas: Int) throws {
            try cluster.createTable("plain", buckets: 2, replicas: replicas)
            let keys = ["AWS_ACCESS_KEY_ID": "ak", "AWS_SECRET_ACCESS_KEY": "sk"]
            _ = try cluster.control(
                "create-resource", "store", "--endpoint", "http://127.0.0.1:1", "--bucket", "b", "--no-check",
                environment: keys)
            _ = try cluster.control("create-policy", "cold", "--resource", "store", "--ttl", "1000000000")
            _ = try cluster.control(
                "create-table", "cooling", "--columns", "a,b", "--buckets", "2", "--replicas", "\(replicas)",
                "--distribute-by", "a", "--storage-policy", "cold")
            try cluster.createTable("late", buckets: 1, replicas: replicas)
            _ = try cluster.control("attach-policy", "late", "cold")
            try load(cluster, peers)
            _ = try cluster.control(
                "alter-resource", "store", "--max-connections", "40", "--no-check", environment: keys)
            try cluster.createTable("doomed", buckets: 3, replicas: replicas)
            _ = try cluster.control("drop-table", "doomed")
            try expectPeace(cluster, peers)
        }

        /// Rows reach no Doris BE by a load of ours: that is refused in words, and no process ends of it.
        private static func load(_ cluster: ProcessCluster, _ peers: [DorisBackend]) throws {
            let file = try cluster.makeRows("rows.csv", count: 50)
            let ended = try cluster.attempt(["load", "plain", "--file", file, "--timeout", "5"])
            #expect(ended.status != 0 && ended.status != 5, "the load ended with \(ended.status): \(ended.error)")
            #expect(ended.error.lowercased().contains("doris"), "the load says why: \(ended.error)")
            for peer in peers { #expect(peer.processEnd == nil, "\(peer.year): a load ended the process of a BE") }
        }

        private static func expectPeace(_ cluster: ProcessCluster, _ peers: [DorisBackend]) throws {
            let before = peers.map { $0.reports("tablets") }
            func lived() -> Bool {
                zip(peers, before).allSatisfy { $0.reports("tablets") >= $1 + 30 || $0.processEnd != nil }
            }
            try eventually("thirty more tablet reports of each", within: 25) { lived() }
            for peer in peers {
                let year = peer.year
                func expectNone(_ what: String, _ lines: [String]) {
                    for line in lines { Issue.record("over \(year), \(what): \(line)") }
                }
                expectNone("unreadable, unknown or against the contract", peer.findings.lines)
                expectNone("the process ended", peer.processEnd.map { [$0] } ?? [])
                expectNone("the same task again", peer.received(moreThan: 2))
                expectNone("tasks without an end to them", peer.receivedLately(seconds: 4))
                #expect(peer.running == 0, "\(year): \(peer.running) tasks run")
                #expect(peer.tabletCount == 5, "\(year): \(peer.tabletCount) tablets, not 5")
                #expect(peer.policies.count == 1, "\(year): policies \(peer.policies), not one")
                let cooling = peer.cooling
                #expect(cooling.tablets == 3 && cooling.appointed == 3, "\(year): \(cooling) have a policy and a conf")
                #expect(peer.heartbeats > 5)
            }
            let jobs = try cluster.decode([JobView].self, "jobs")
            for job in jobs where job.state == .running { Issue.record("\(job.kind) of \(job.subject) runs on") }
            let status = try cluster.decode(MasterStatusView.self, "status")
            #expect(status.aliveBackends == Int64(peers.count + cluster.backends.count))
        }
    }
}
