import Foundation
import HTTPAPI
import PeerKit
import ServerFixtures
import Testing

extension IntegrationTests {
    /// `tabletd-fe` over BEs of each of Doris' years, alone and beside one of ours.
    @Suite struct FrontendOverDorisTests {
        @Test(arguments: PeerYear.allCases)
        func anHourOverBackendsOfAYear(year: PeerYear) async {
            await Self.live([year, year, year], own: 0)
        }

        @Test func anHourOverAMixedCluster() async {
            await Self.live([.january2023, .year2026], own: 1)
        }

        private static let settings = [
            "tablet_checker_interval_ms": "300", "agent_task_resend_wait_time_ms": "500",
            "checkpoint_interval_seconds": "5", "surplus_replica_drop_delay_seconds": "1",
        ]

        private static func live(_ years: [PeerYear], own: Int) async {
            await Complaints.run { complaints in
                try ProcessCluster.run(backends: own, frontend: settings) { cluster in
                    let peers = try years.map { try DorisBackend($0) }
                    defer { peers.forEach { $0.stop() } }
                    for peer in peers {
                        _ = try cluster.control("add-backend", "127.0.0.1:\(peer.heartbeatPort)", "--wait")
                    }
                    try PeerCluster(cluster: cluster, peers: peers, complaints: complaints).live()
                }
            }
        }
    }
}

/// A real frontend over Doris BEs of the kit.
private struct PeerCluster {
    let cluster: ProcessCluster
    let peers: [DorisBackend]
    let complaints: Complaints

    /// Policies, tables, and an hour of reports; then a load, since a wrong one ends processes, and nothing else shows.
    ///
    /// Whether a table of ours is placed on backends of Doris is the frontend's to decide. Where it is, they get its tasks;
    /// where it is not, the refusal says why.
    func live() throws {
        let keys = ["AWS_ACCESS_KEY_ID": "ak", "AWS_SECRET_ACCESS_KEY": "sk"]
        _ = try cluster.control(
            "create-resource", "store", "--endpoint", "http://127.0.0.1:1", "--bucket", "b", "--no-check",
            environment: keys)
        _ = try cluster.control("create-policy", "cold", "--resource", "store", "--ttl", "1000000000")
        let isPlaced = try create("plain", buckets: 2)
        if isPlaced {
            _ = try create("cooling", buckets: 2, "--storage-policy", "cold")
            _ = try create("late", buckets: 1)
            _ = try cluster.control("attach-policy", "late", "cold")
            _ = try create("doomed", buckets: 3)
            _ = try cluster.control("drop-table", "doomed", "--yes")
        }
        _ = try cluster.control("alter-resource", "store", "--max-connections", "40", "--no-check", environment: keys)
        try expectPeace(reports: 40, tablets: isPlaced ? 5 : 0, cooling: isPlaced ? 3 : 0)
        for peer in peers { peer.startCounting() }
        if isPlaced { try load("plain") }
        if !isPlaced, !cluster.backends.isEmpty {
            _ = try create("own", buckets: 1, replicas: 1)
            try load("own")
        }
        try expectPeace(reports: 8, tablets: isPlaced ? 5 : 0, cooling: isPlaced ? 3 : 0)
    }

    /// - Returns: false when it was refused for the sake of the backends of Doris.
    private func create(_ table: String, buckets: Int, replicas: Int = 3, _ more: String...) throws -> Bool {
        let ended = try cluster.attempt(
            [
                "create-table", table, "--columns", "a,b,c", "--buckets", "\(buckets)", "--replicas", "\(replicas)",
                "--distribute-by", "a",
            ] + more)
        complaints.unless(
            ended.status == 0 || ended.error.lowercased().contains("doris"),
            "create-table \(table) ended with \(ended.status): \(ended.error)")
        return ended.status == 0
    }

    /// Rows reach no Doris BE by a load of ours: that is refused in words, and no process ends of it.
    private func load(_ table: String) throws {
        let file = try cluster.makeRows("\(table).csv", count: 50)
        let ended = try cluster.attempt(["load", table, "--file", file, "--timeout", "5"])
        complaints.unless(
            ended.status == 0 || ended.error.lowercased().contains("doris"),
            "the load of \(table) ended with \(ended.status), and does not say that rows of Doris are others: "
                + ended.error)
    }

    private func expectPeace(reports: Int, tablets: Int, cooling: Int) throws {
        let before = peers.map { $0.reports("tablets") }
        try eventually("\(reports) more tablet reports of each", within: 30) {
            zip(peers, before).allSatisfy { $0.reports("tablets") >= $1 + reports || $0.processEnd != nil }
        }
        for peer in peers {
            let name = "over \(peer.year)"
            complaints.add("\(name), unreadable, unknown or against the contract", peer.findings.lines)
            complaints.add("\(name), the same task again", peer.received(moreThan: 2))
            complaints.add("\(name), tasks without an end to them", peer.receivedLately(seconds: 2))
            complaints.unless(peer.running == 0, "\(name): \(peer.running) tasks run")
            complaints.unless(
                peer.tabletCount == tablets,
                "\(name): \(peer.tabletCount) tablets, not \(tablets)")
            // A backend without a tablet that cools needs none.
            complaints.unless(
                peer.policies.count == 1 || (peer.policies.isEmpty && cooling == 0),
                "\(name): policies \(peer.policies), not one")
            let have = peer.cooling
            complaints.unless(
                have.tablets == cooling && have.appointed == cooling,
                "\(name): \(have.tablets) tablets have the policy, \(have.appointed) a conf, not \(cooling)")
        }
        for job in try cluster.decode([JobView].self, "jobs") where job.state == .running {
            complaints.add("\(job.kind) of \(job.subject) runs on")
        }
        let alive = try cluster.decode(MasterStatusView.self, "status").aliveBackends
        complaints.unless(alive == Int64(peers.count + cluster.backends.count), "\(alive) backends are alive")
    }
}
