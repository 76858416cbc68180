import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Which frontends belong to a cluster.
    @Suite struct FrontendTests {
        private func frontends(_ cluster: some ControlledCluster) throws -> [FrontendView] {
            let result = try cluster.attempt(["frontends", "--json"])
            #expect(result.status == 0, "\(result.error)")
            return try JSONDecoder().decode([FrontendView].self, from: Data(result.output.utf8))
        }

        @Test func frontendsAreAddedPingedAndDropped() throws {
            try ReplicatedCluster.run(followers: 1) { replicated in
                let frontend = replicated.frontends[0]
                let cluster = replicated.at(frontend)
                let own = try #require(try frontends(cluster).first)
                #expect(own.isMaster && own.isCurrent && own.isAlive && own.role == .follower)
                #expect(own.rpcPort == frontend.port("rpc_port"))

                let away = "127.0.0.1:\(try RawListener().port)"
                let added = try cluster.attempt(["add-frontend", away, "--role", "observer"])
                #expect(added.status == 0 && added.output.contains("OBSERVER 127.0.0.1_"), "\(added.error)")
                try eventually("its ping") {
                    try frontends(cluster).contains { $0.error.contains("refused") && !$0.isAlive }
                }
                let again = try cluster.attempt(["add-frontend", away, "--role", "follower"])
                #expect(again.status == 1 && again.error.contains("is registered at \(away)"))
                for (arguments, reason) in [
                    ([away, "--role", "follower"], "is no FOLLOWER"),
                    (["127.0.0.1:\(own.rpcPort)", "--role", "follower"], "is the master"),
                ] {
                    let refused = try cluster.attempt(["drop-frontend"] + arguments)
                    #expect(refused.status == 1 && refused.error.contains(reason), "\(refused.error)")
                }
                #expect(try cluster.attempt(["drop-frontend", "127.0.0.1:1", "--role", "follower"]).status == 4)

                try frontend.restart()
                _ = try replicated.master()
                #expect(try frontends(cluster).count == 2)
                #expect(try cluster.attempt(["drop-frontend", away, "--role", "observer"]).status == 0)
                #expect(try frontends(cluster).map(\.name) == [own.name])
            }
        }

        @Test func oneWithTheEmbeddedJournalStaysAlone() throws {
            try ProcessCluster.run { cluster in
                let refused = try cluster.attempt(["add-frontend", "127.0.0.1:1", "--role", "follower"])
                #expect(refused.status == 1 && refused.error.contains("journal_type = embedded"), "\(refused.error)")
                #expect(refused.error.contains("tabletctl meta move-journal --to etcd"), "\(refused.error)")
                #expect(try frontends(cluster).count == 1)
            }
        }

        /// It was added under another one than it listens on.
        @Test func theHTTPPortOfAFrontendIsCorrectedWhenItIsHeard() throws {
            try ReplicatedCluster.run(followers: 1) { cluster in
                let (master, late) = (cluster.frontends[0], try cluster.makeFrontend("late"))
                defer { late.kill() }
                let rpc = late.settings["rpc_port"] ?? ""
                _ = try cluster.at(master).control("add-frontend", "127.0.0.1:\(rpc)", "--role", "follower")
                try late.start(cluster.helper)
                try eventually("its port") {
                    try frontends(cluster.at(master)).contains {
                        "\($0.rpcPort)" == rpc && "\($0.httpPort)" == late.settings["http_port"]
                    }
                }
            }
        }

        @Test func aRoleThatIsNotWhatWasRegisteredStopsTheStart() throws {
            try ProcessCluster.run { cluster in
                #expect(try cluster.frontend.stop() == 0)
                let path = cluster.folder.path + "/fe/meta/image/ROLE"
                let role = try String(contentsOfFile: path, encoding: .utf8)
                for (changed, reason) in [
                    (role.replacingOccurrences(of: "FOLLOWER", with: "OBSERVER"), "is registered as FOLLOWER"),
                    (role.replacingOccurrences(of: "name=", with: "name=x"), "is none of the cluster"),
                ] {
                    try changed.write(toFile: path, atomically: false, encoding: .utf8)
                    let before = cluster.frontend.logLength
                    #expect(try cluster.frontend.runToEnd() == 1)
                    #expect(cluster.frontend.log(from: before).contains(reason))
                }
                try role.write(toFile: path, atomically: false, encoding: .utf8)
                try cluster.frontend.start()
                #expect(try frontends(cluster).count == 1)
            }
        }
    }
}
