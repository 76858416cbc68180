import Platform
import ServerFixtures
import TabletModel
import Testing

@testable import ThriftRPC

@Suite struct FrontendPingTests {
    @Test func aPingAndItsAnswerAreWhatTheyWere() throws {
        try withFrontendServer { server throws in
            let line = ThriftFrontendConnector().connection(to: .local(server.boundPort))
            let reply = try line.ping(PingRequest(clusterID: 1, token: "t"))
            #expect(
                reply
                    == PingReply(
                        isOK: true, message: "m", queryPort: 1, rpcPort: 2, replayedJournalID: 3, version: "v"))
            let more = try line.ping(PingRequest(clusterID: FrontendRecorder.ownCluster, token: "t"))
            #expect(more.isOK && more.processUUID == 4 && more.httpPort == 5)
            // A refusal has every required field, too; Doris' own leaves `version` out, which breaks the connection.
            let refusal = try line.ping(PingRequest(clusterID: 1, token: "wrong"))
            #expect(!refusal.isOK && refusal.version == "v" && refusal.replayedJournalID == 3)
            #expect(refusal.processUUID == nil && refusal.httpPort == nil)
        }
    }

    @Test func whoIsAwayIsAConnectError() throws {
        let port = try RawListener().port
        let error = #expect(throws: RPCError.self) {
            try ThriftFrontendConnector().connection(to: .local(port)).ping(PingRequest(clusterID: 1, token: "t"))
        }
        #expect(error?.code == .connect && error?.method == "ping")
    }
}
