import ArgumentParser
import HTTPAPI
import TabletModel
import Testing

@testable import tabletctl

@Suite struct FrontendCommandTests {
    @Test func frontendsHaveTheColumnsOfDoris() {
        let text = frontendsTable([
            FrontendView(
                name: "fe1_9020_5", host: "fe1", editLogPort: 9020, httpPort: 8030, rpcPort: 9020, role: .follower,
                isMaster: true, clusterID: 7, hasJoined: true, isAlive: true, replayedJournalID: 321,
                lastHeartbeatMs: nowMilliseconds() - 90_000, isHelper: true, error: "", version: "tabletd-0.1.0",
                isCurrent: true, joinedMs: 5),
            FrontendView(
                name: "fe2_9020_6", host: "fe2", editLogPort: 9020, httpPort: 8030, rpcPort: 9020, role: .observer,
                isMaster: false, clusterID: 7, hasJoined: false, isAlive: false, replayedJournalID: 0,
                lastHeartbeatMs: 0, isHelper: false, error: "connection refused", version: "", isCurrent: false,
                joinedMs: 6),
        ])
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        for name in ["edit log port", "is master", "cluster id", "join", "alive", "replayed journal id", "is helper"] {
            #expect(lines[0].contains(name), "\(name)")
        }
        #expect(lines[1].contains("FOLLOWER") && lines[1].contains("321") && lines[1].contains("1m30s ago"))
        #expect(lines[2].contains("OBSERVER") && lines[2].contains("connection refused"))
    }

    @Test func aRoleIsOneOfTwo() throws {
        let add = try #require(
            try Tabletctl.parseAsRoot(["add-frontend", "FE2:9020", "--role", "observer"]) as? AddFrontend)
        #expect(add.address.address == NetworkAddress(host: "fe2", port: 9020))
        #expect(add.role.role == .observer && add.httpPort == nil)
        let drop = try #require(
            try Tabletctl.parseAsRoot(["drop-frontend", "fe2:9020", "--role", "FOLLOWER"]) as? DropFrontend)
        #expect(drop.role.role == .follower)
        for wrong in [["--role", "master"], []] {
            #expect(throws: (any Error).self) { try Tabletctl.parseAsRoot(["add-frontend", "fe2:9020"] + wrong) }
            #expect(throws: (any Error).self) { try Tabletctl.parseAsRoot(["drop-frontend", "fe2:9020"] + wrong) }
        }
    }
}
