import ClusterMetadata
import ClusterTestKit
import HTTPAPI
import MasterCore
import MasterServices
import TabletModel
import Testing

@Suite struct FrontendFlowTests {
    @Test func aMasterRegistersItselfAndSaysWhoThereIs() throws {
        let cluster = try FlowCluster()
        let own = try #require(try cluster.master.frontends().first)
        #expect(own.isMaster && own.isCurrent && own.isAlive && own.hasJoined && own.isHelper)
        #expect(own.name == "fe1" && own.role == .follower && own.version == "tabletd-fe-test")
        #expect(own.host == "10.0.0.100" && own.editLogPort == 9020 && own.httpPort == 8030)

        let added = try cluster.master.addFrontend(
            AddFrontendRequest(host: "10.0.0.101", port: 9020, role: .observer))
        #expect(!added.isMaster && !added.isAlive && !added.hasJoined && !added.isHelper && !added.isCurrent)
        #expect(added.httpPort == 8030, "as the master's")
        #expect(try cluster.master.frontends().map(\.name) == [added.name, "fe1"].sorted())

        cluster.killMaster()
        try cluster.startMaster()
        #expect(try cluster.master.frontends().count == 2)
        try cluster.master.dropFrontend(NetworkAddress(host: "10.0.0.101", port: 9020), role: .observer)
        #expect(try cluster.master.frontends().map(\.name) == ["fe1"])
    }

    /// Nobody could follow it.
    @Test func oneThatKeepsItsLogForItselfTakesNoOther() throws {
        let cluster = try FlowCluster { $0.isAlone = true }
        let error = #expect(throws: MasterError.self) {
            try cluster.master.addFrontend(AddFrontendRequest(host: "10.0.0.101", port: 9020, role: .follower))
        }
        #expect(error?.code == .conflict && error?.nextStep.contains("meta move-journal --to etcd") == true)
        #expect(try cluster.master.frontends().count == 1)
    }

    @Test(
        arguments: [("", 9020, nil), ("10.0.0.101", 0, nil), ("10.0.0.101", 9020, 70_000)] as [(String, Int32, Int32?)])
    func whatIsNoAddressIsRefused(host: String, port: Int32, http: Int32?) throws {
        let cluster = try FlowCluster()
        let error = #expect(throws: MasterError.self) {
            try cluster.master.addFrontend(
                AddFrontendRequest(host: host, port: port, role: .follower, httpPort: http))
        }
        #expect(error?.code == .invalidArgument)
    }
}
