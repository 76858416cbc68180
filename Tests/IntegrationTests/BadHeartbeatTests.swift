import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// Heartbeats that no right FE sends, to a real BE over the wire.
    @Suite struct BadHeartbeatTests {
        @Test func aBackendTakesNoOrdersFromAnyoneButItsMaster() throws {
            try DrivenBackends.run { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                func refusal(_ change: (inout MasterInfo) -> Void) throws -> String {
                    var master = frontend.master()
                    change(&master)
                    let reply = try frontend.heartbeat(backend, master)
                    #expect(
                        reply.status.code == .internalError && reply.backend.bePort == 0 && reply.backend.httpPort == 0)
                    return reply.status.messages.joined()
                }
                #expect(try refusal { $0.clusterID = 78 }.contains("78"))
                #expect(try refusal { $0.clusterID = -5 }.contains("negative"))
                let token = try refusal { $0.token = "of-a-stranger" }
                #expect(token.contains("token") && !token.contains(frontend.token) && !token.contains("stranger"))
                #expect(try refusal { $0.backendIP = "10.255.255.1" }.contains("10.255.255.1"))
                #expect(try refusal { $0.address = NetworkAddress(host: "127.0.0.1", port: 9) }.contains("epoch"))
                // None of that changed anything.
                #expect(try backend.status().masterEpoch == 1)
                #expect(try frontend.heartbeat(backend).status.isOK)
                // The reasons stand in the log, the tokens do not.
                #expect(backend.daemon.log(from: 0).contains("heartbeat refused"))
                #expect(!backend.daemon.log(from: 0).contains(frontend.token))
            }
        }

        @Test func theSameHeartbeatAgainIsFineAndANewEpochBringsReportsAtOnce() throws {
            // Only a trigger brings a second report within the test.
            let slow = [
                "report_tablet_interval_seconds": "3600", "report_disk_state_interval_seconds": "3600",
                "report_task_interval_seconds": "3600",
            ]
            try DrivenBackends.run(settings: slow) { driven in
                let (frontend, backend) = (driven.frontend, driven.backend)
                try eventually("three reports") { frontend.reportCount >= 3 }
                let reply = try frontend.heartbeat(backend)
                #expect(reply.status.isOK && reply.backend.bePort == backend.agentAddress.port)
                #expect(reply.backend.nodeRole == "mix" && reply.backend.beRPCPort == -1)
                let before = frontend.reportCount
                #expect(try frontend.heartbeat(backend, frontend.master(epoch: 2)).status.isOK)
                try eventually("three more reports") { frontend.reportCount >= before + 3 }
                #expect(try backend.status().masterEpoch == 2)
            }
        }

        @Test func theClusterIDOutlivesTheProcess() throws {
            try DrivenBackends.run { driven in
                #expect(
                    try String(contentsOfFile: driven.backend.storageFolder + "/cluster_id", encoding: .utf8) == "77")
                try driven.backend.restart()
                let foreign = try FakeFrontend(clusterID: 78)
                defer { foreign.stop() }
                let reply = try foreign.heartbeat(driven.backend)
                #expect(reply.status.code == .internalError && reply.status.messages.joined().contains("77"))
                #expect(try driven.frontend.heartbeat(driven.backend).status.isOK)
            }
        }

        @Test func aRefusedHeartbeatDoesNotClaimAFreshBackend() throws {
            try DrivenBackends.run { driven in
                let fresh = try BackendProcess("fresh", in: driven.folder.path)
                defer { fresh.daemon.kill() }
                try fresh.start()
                var master = driven.frontend.master()
                master.backendIP = "10.255.255.1"
                #expect(try driven.frontend.heartbeat(fresh, master).status.code == .internalError)
                #expect(!FileManager.default.fileExists(atPath: fresh.storageFolder + "/cluster_id"))
                #expect(try fresh.status().clusterID == nil)
            }
        }

        @Test func tasksBeforeTheFirstHeartbeatAreNotTaken() throws {
            try DrivenBackends.run { driven in
                let fresh = try BackendProcess("fresh", in: driven.folder.path)
                defer { fresh.daemon.kill() }
                try fresh.start()
                let task = AgentTask(type: .create, signature: 1, payload: driven.creation(10))
                let answer = try driven.frontend.submit([task], to: fresh)
                #expect(answer.code == .cancelled && answer.messages.joined().contains("heartbeat"))
                #expect(try fresh.tablet(10) == nil)
            }
        }
    }
}
