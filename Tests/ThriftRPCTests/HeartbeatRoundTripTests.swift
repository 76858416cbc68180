import CThrift
import Platform
import TabletModel
import Testing

@testable import ThriftRPC

@Suite struct HeartbeatRoundTripTests {
    @Test(arguments: RoundTripTests.seeds) func whatGoesOutComesBack(seed: UInt64) throws {
        var values = Values(seed: seed)
        for _ in 0..<20 {
            let master = values.master()
            #expect(MasterInfo(master.wireValue) == master, "seed \(seed)")
            let reply = values.heartbeatReply()
            var result = wire.THeartbeatResult()
            reply.write(to: &result)
            #expect(RPCStatus(result.status) == reply.status, "seed \(seed)")
            #expect(BackendInfo(result.backend_info) == reply.backend, "seed \(seed)")
        }
    }
}
