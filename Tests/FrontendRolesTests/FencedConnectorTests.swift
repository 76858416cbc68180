import FrontendRoles
import Platform
import Synchronization
import TabletModel
import Testing

private final class CountingConnection: BackendConnection {
    let calls = Atomic(0)
    func heartbeat(_ master: MasterInfo) throws -> HeartbeatReply {
        calls.add(1, ordering: .relaxed)
        throw Ended()
    }
    func submitTasks(_ tasks: [AgentTask]) throws -> RPCStatus {
        calls.add(1, ordering: .relaxed)
        return .ok
    }
    func tabletStats() throws -> [TabletStat] {
        calls.add(1, ordering: .relaxed)
        return []
    }
    struct Ended: Error {}
}

private struct OneConnector: BackendConnector {
    let connection: CountingConnection
    func connection(heartbeat: NetworkAddress, agent: NetworkAddress?) -> any BackendConnection { connection }
}

@Suite struct FencedConnectorTests {
    @Test func nothingLeavesOnceTheTermMayNotAct() throws {
        let (base, mayAct) = (CountingConnection(), Gate())
        let line = FencedConnector(OneConnector(connection: base)) { mayAct.isOpen.load(ordering: .relaxed) }
            .connection(heartbeat: NetworkAddress(host: "be1", port: 9050), agent: nil)
        #expect(try line.submitTasks([]).isOK && line.tabletStats().isEmpty)
        #expect(base.calls.load(ordering: .relaxed) == 2)
        mayAct.isOpen.store(false, ordering: .relaxed)
        let master = MasterInfo(address: NetworkAddress(host: "fe1", port: 9020), clusterID: 1, epoch: 3)
        for call in [
            { _ = try line.heartbeat(master) }, { _ = try line.submitTasks([]) }, { _ = try line.tabletStats() },
        ] {
            let error = #expect(throws: RPCError.self) { try call() }
            #expect(error?.mayHaveRun == false && "\(String(describing: error))".contains("be1:9050"))
        }
        #expect(base.calls.load(ordering: .relaxed) == 2)
    }

    private final class Gate: Sendable {
        let isOpen = Atomic(true)
    }
}
