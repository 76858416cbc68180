import HTTPAPI
import TabletModel
import Testing

@testable import MasterCore

@Suite struct PolicyTests {
    /// Numbers from a person's hand: none of them may end the FE.
    @Test(
        arguments: [
            (nil, nil), (Int64(-1), nil), (Int64.max, nil), (nil, Int64(0)), (nil, Int64.max), (nil, Int64.min),
        ] as [(Int64?, Int64?)])
    func timesOutOfRangeAreRefused(ttl: Int64?, datetime: Int64?) throws {
        let cluster = try FlowCluster()
        try cluster.createPolicy()
        let request = CreateStoragePolicyRequest(
            name: "odd", resource: "s3", cooldownTTLSeconds: ttl, cooldownDatetimeSeconds: datetime)
        let error = #expect(throws: MasterError.self) { try cluster.master.createStoragePolicy(request) }
        #expect(error?.code == .invalidArgument)
        #expect(try cluster.master.storagePolicyViews().map(\.name) == ["cold"])
    }
}
