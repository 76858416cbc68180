import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// How FEs come to a cluster over etcd, and which ones do not.
    @Suite struct JoiningTests {
        @Test func oneThatWasNotAddedWaitsAndSaysSo() throws {
            try ReplicatedCluster.run(followers: 1) { cluster in
                let late = try cluster.makeFrontend("late")
                defer { late.kill() }
                try late.launch(cluster.helper)
                try late.waitForLog("this FE is not one of the cluster yet: add it with `tabletctl add-frontend")
                #expect(late.isRunning)
                try cluster.add(late, as: .observer)
                try late.waitForLog("transfer from UNKNOWN to OBSERVER")
                try cluster.awaitReplayed(from: cluster.frontends[0])
                // The next time it needs no helper.
                try late.restart()
                try late.waitForLog("transfer from UNKNOWN to OBSERVER")
            }
        }

        @Test func oneOfAnotherRoleClusterOrTokenIsRefused() throws {
            try ReplicatedCluster.run(followers: 2) { cluster in
                let frontend = cluster.frontends[1]
                frontend.kill()
                let folder = "\(frontend.folder)/meta/image"
                for (file, key, other, reason) in [
                    ("ROLE", "role", "OBSERVER", "OBSERVER"), ("VERSION", "clusterId", "7", "cluster 7"),
                    ("VERSION", "token", "11111111-1111-1111-1111-111111111111", "token"),
                ] {
                    let path = folder + "/" + file
                    let right = try String(contentsOfFile: path, encoding: .utf8)
                    let wrong = right.split(separator: "\n").map { $0.hasPrefix(key + "=") ? "\(key)=\(other)" : $0 }
                    try wrong.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
                    #expect(try frontend.runToEnd(cluster.helper) == 1, "\(key)")
                    #expect(frontend.tail(lines: 2).contains(reason), "\(key): \(frontend.tail(lines: 2))")
                    try right.write(toFile: path, atomically: true, encoding: .utf8)
                }
                try frontend.start()
                // A first start that is told another cluster than the helper's, and one that would make a second cluster.
                let stranger = try cluster.makeFrontend("stranger", ["cluster_id": "7"])
                try cluster.add(stranger, as: .follower)
                #expect(try stranger.runToEnd(cluster.helper) == 1)
                #expect(stranger.tail(lines: 2).contains("cluster_id = 7"), "\(stranger.tail())")
                #expect(try stranger.runToEnd() == 1)
                #expect(stranger.tail(lines: 2).contains("--helper"), "\(stranger.tail())")
            }
        }

        /// A machine that was copied: the same name and address, the same metadata.
        @Test func ofTwoFrontendsWithOneNameOneLeadsAtMost() throws {
            try ReplicatedCluster.run(followers: 1, backends: 1) { cluster in
                let first = cluster.frontends[0]
                #expect(try cluster.makeDatabase("before", at: first).isSuccess)
                let twin = try cluster.makeFrontend(
                    "twin", ["bind_host": "127.0.0.2", "rpc_port": first.settings["rpc_port"] ?? ""])
                defer { twin.kill() }
                try FileManager.default.copyItem(atPath: "\(first.folder)/meta", toPath: "\(twin.folder)/meta")
                try twin.start()
                try eventually("the twin knows all") {
                    try cluster.knownLogID(of: twin) >= cluster.knownLogID(of: first)
                }
                #expect(ReplicatedCluster.state(first) == "MASTER" && ReplicatedCluster.state(twin) != "MASTER")
                let epoch = try cluster.at(first).decode(MasterStatusView.self, "status").epoch
                // It is there in its stead at once, as itself, and the other one is not when it comes back.
                first.freeze()
                try eventually("the twin leads") { ReplicatedCluster.state(twin) == "MASTER" }
                try eventually("the new epoch at the backend") {
                    try cluster.backends[0].status().masterEpoch == epoch + 1
                }
                first.thaw()
                try eventually("the first one does not lead") { ReplicatedCluster.state(first) != "MASTER" }
                #expect(!(try cluster.makeDatabase("two", at: first).isSuccess))
                #expect(ReplicatedCluster.state(twin) == "MASTER" && first.isRunning && twin.isRunning)
                #expect(try cluster.backends[0].status().masterEpoch == epoch + 1)
            }
        }
    }
}
