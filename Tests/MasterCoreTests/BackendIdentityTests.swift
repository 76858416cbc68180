import ClusterTestKit
import HTTPAPI
import Platform
import Synchronization
import TabletModel
import Testing

@testable import AgentTasks
@testable import MasterCore
@testable import MasterServices

/// One process under several addresses, data dirs that were copied, machines that moved.
@Suite struct BackendIdentityTests {
    private let second = NetworkAddress(host: "be1.example", port: 9050)

    private func backend(_ cluster: FlowCluster, at address: NetworkAddress) throws -> BackendView {
        try #require(
            try cluster.master.backends().first { $0.host == address.host && $0.heartbeatPort == address.port })
    }

    // found A4
    @Test func aSecondAddressOfABackendIsRefusedAndTheFirstNamed() throws {
        let cluster = try FlowCluster(backends: 2)
        try cluster.addBackends()
        cluster.backends[0].set { $0.aliases = [second] }
        let error = #expect(throws: MasterError.self) { try cluster.master.addBackend(second) }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message == "be1.example:9050 is backend 10001, already registered as 10.0.0.1:9050")
        #expect(try cluster.master.backends().count == 2)
    }

    // found A4
    @Test func aSecondAddressThatWasRegisteredBeforeItAnsweredNeverLives() throws {
        let cluster = try FlowCluster(backends: 2)
        try cluster.addBackends()
        cluster.backends[0].set {
            $0.isDown = true; $0.aliases = [second]
        }
        try cluster.scheduler.advance(by: .seconds(6))
        _ = try cluster.master.addBackend(second)
        cluster.backends[0].set { $0.isDown = false }
        try cluster.scheduler.advance(by: .seconds(30))
        let refused = try backend(cluster, at: second)
        #expect(!refused.isAlive)
        #expect(refused.heartbeatError.contains("backend 10001, already registered as 10.0.0.1:9050"))
        #expect(refused.failingSinceMs > 0)
        let first = try backend(cluster, at: cluster.backends[0].address)
        #expect(first.isAlive)
        #expect(first.warnings.contains { $0.contains("be1.example:9050") })
        try cluster.createTable(replicas: 2)
        #expect(
            try cluster.master.tablets(of: FlowCluster.table).allSatisfy { tablet in
                tablet.replicas.allSatisfy { $0.backendID != refused.id }
            })
        // What it says under that address is nobody's word.
        let report = BackendAddress(host: second.host, bePort: first.bePort, httpPort: first.httpPort)
        #expect(cluster.master.frontend.report(IncomingReport(backend: report, tasks: [:])).isOK == false)
    }

    @Test func whoABackendIsSurvivesARestartOfTheFrontend() throws {
        let cluster = try FlowCluster(backends: 1)
        try cluster.addBackends()
        let uuid = try cluster.master.backends()[0].uuid
        #expect(!uuid.isEmpty)
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try cluster.master.backends()[0].uuid == uuid)
        cluster.backends[0].set { $0.aliases = [second] }
        #expect(throws: MasterError.self) { try cluster.master.addBackend(second) }
    }

    @Test func aBackendWithoutAUUIDGoesByItsAddress() throws {
        let cluster = try FlowCluster(backends: 2, version: "doris-2.0")
        try cluster.addBackends()
        cluster.backends[0].set { $0.aliases = [second] }
        _ = try cluster.master.addBackend(second)
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.backends().allSatisfy { $0.isAlive && $0.uuid.isEmpty })
    }

    // found A5
    @Test func aCopyThatStartsWhileTheOriginalIsAwayIsRefusedAndBothAreShown() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.deadBackendGrace = .seconds(100_000) }
        let copy = cluster.backends[3]
        copy.set { $0.isDown = true }
        _ = try cluster.ready()
        let original = cluster.backends[0]
        let id = try backend(cluster, at: original.address).id
        original.set { $0.isDown = true }
        copy.set { [original] copy in
            copy.uuid = original.state.withLock { $0.uuid }
            copy.tablets = original.tablets
            copy.isDown = false
        }
        try cluster.scheduler.advance(by: .seconds(30))
        let refused = try backend(cluster, at: copy.address)
        #expect(!refused.isAlive && refused.heartbeatError.contains("backend \(id)"))
        #expect(try backend(cluster, at: original.address).warnings.contains { $0.contains("backend \(refused.id)") })
        _ = try copy.reportTablets()
        try cluster.scheduler.runUntilIdle()
        #expect(copy.taken.isEmpty)
        original.set { $0.isDown = false }
        try cluster.live(for: 60)
        #expect(try backend(cluster, at: original.address).isAlive)
        #expect(try !backend(cluster, at: copy.address).isAlive)
        #expect(original.taken(.drop).isEmpty)
        let replicas = try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas)
        #expect(replicas.count == 12 && replicas.allSatisfy { $0.backendID != refused.id && $0.isHealthy })
    }

    // found A5
    @Test func aBackendThatComesBackOnACopyIsNotListenedTo() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        let (original, copy) = (cluster.backends[0], cluster.backends[2])
        let ids = try [original, copy].map { try backend(cluster, at: $0.address).id }
        copy.set { [original] copy in
            copy.uuid = original.state.withLock { $0.uuid }
            copy.tablets = original.tablets
            copy.startedAt = UnixTime(milliseconds: 2)
            copy.reportVersion += 10
        }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try !backend(cluster, at: copy.address).isAlive)
        let answer = try #require(try copy.reportTablets())
        #expect(answer.code == .internalError)
        let drop = AgentTask(type: .drop, signature: 1, payload: .drop(DropTabletRequest(tabletID: 1)))
        cluster.master.environment.dispatcher.send(drop, to: ids[1])
        let end = FinishTaskRequest(backend: copy.addressAsBackend, type: .drop, signature: 1, status: .ok)
        #expect(cluster.master.frontend.finishTask(end).code == .cancelled)
        #expect(
            try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas).contains { $0.backendID == ids[1] })
    }

    // found A5: data dirs of an earlier build have no uuid when they are copied.
    @Test func aReplicaThatAnotherBackendHasIsNeverTakenIn() throws {
        let cluster = try FlowCluster(backends: 4) { $0.repair.isDisabled = true }
        let (original, copy) = (cluster.backends[0], cluster.backends[3])
        copy.set { $0.isDown = true }
        _ = try cluster.ready()
        original.set { $0.isDown = true }
        copy.set { [original] copy in
            copy.tablets = original.tablets
            copy.isDown = false
        }
        try cluster.live(for: 60)
        #expect(try backend(cluster, at: copy.address).isAlive)
        original.set { $0.isDown = false }
        try cluster.live(for: 60)
        let replicas = try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas)
        #expect(Set(replicas.map(\.id)).count == replicas.count)
        #expect(replicas.count == 12 && replicas.allSatisfy(\.isHealthy))
    }

    @Test func aBackendThatMovedKeepsItsReplicas() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        let moved = cluster.backends[0]
        let before = try backend(cluster, at: moved.address)
        // It does not answer there yet.
        #expect(throws: MasterError.self) { try cluster.master.moveBackend(moved.address, to: second) }
        // Another backend answers there.
        #expect(throws: MasterError.self) {
            try cluster.master.moveBackend(moved.address, to: cluster.backends[1].address)
        }
        moved.set { $0.aliases = [second] }
        _ = try cluster.master.moveBackend(moved.address, to: second)
        moved.set { $0.host = second.host }
        try cluster.live(for: 40)
        let after = try backend(cluster, at: second)
        #expect(after.id == before.id && after.isAlive && after.tabletCount == before.tabletCount)
        #expect(try cluster.master.tablets(of: FlowCluster.table).allSatisfy { $0.replicas.allSatisfy(\.isHealthy) })
        cluster.killMaster()
        try cluster.startMaster()
        #expect(try backend(cluster, at: second).id == before.id)
    }

    @Test func nobodyIsMovedToACopyWhileTheOriginalAnswers() throws {
        let cluster = try FlowCluster(backends: 2)
        let (original, copy) = (cluster.backends[0], cluster.backends[1])
        _ = try cluster.master.addBackend(original.address)
        try cluster.scheduler.advance(by: .seconds(6))
        copy.set { [original] copy in
            copy.uuid = original.state.withLock { $0.uuid }
            copy.startedAt = UnixTime(milliseconds: 2)
        }
        let error = #expect(throws: MasterError.self) {
            try cluster.master.moveBackend(original.address, to: copy.address)
        }
        #expect(error?.message.contains("copy") == true)
        #expect(try backend(cluster, at: original.address).isAlive)
    }

    @Test func twoBackendsThatChangedPlacesAreMovedByOneCommand() throws {
        let cluster = try FlowCluster(backends: 2)
        try cluster.addBackends()
        let (one, two) = (cluster.backends[0], cluster.backends[1])
        let ids = try [backend(cluster, at: one.address).id, backend(cluster, at: two.address).id]
        let (first, other) = (one.state.withLock { $0.uuid }, two.state.withLock { $0.uuid })
        one.set { $0.uuid = other }
        two.set { $0.uuid = first }
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.backends().allSatisfy { !$0.isAlive })
        _ = try cluster.master.moveBackend(one.address, to: two.address)
        try cluster.scheduler.advance(by: .seconds(6))
        #expect(try cluster.master.backends().allSatisfy(\.isAlive))
        #expect(try backend(cluster, at: two.address).id == ids[0])
        #expect(try backend(cluster, at: one.address).id == ids[1])
    }

    @Test func replacedDataDirsAreTheSameBackendWithoutItsReplicas() throws {
        let cluster = try FlowCluster(backends: 3).ready()
        let backend = cluster.backends[0]
        backend.set { backend in
            backend.uuid = BackendUUID(text: "7c9e6679-7425-40de-944b-e07fc1f90ae7")
            backend.tablets = [:]
            backend.startedAt = UnixTime(milliseconds: 2)
        }
        try cluster.live(for: 120)
        let view = try self.backend(cluster, at: backend.address)
        #expect(view.isAlive && view.uuid == "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        let replicas = try cluster.master.tablets(of: FlowCluster.table).flatMap(\.replicas)
        #expect(replicas.count == 12 && replicas.allSatisfy(\.isHealthy))
    }

    // found B11
    @Test(arguments: ["http://be1", "::1", "[::1]", "be 1", "127.1", ""])
    func anAddressIsJudgedWhereItIsGiven(host: String) throws {
        let cluster = try FlowCluster(backends: 1)
        let error = #expect(throws: MasterError.self) {
            try cluster.master.addBackend(NetworkAddress(host: host, port: 9050))
        }
        #expect(error?.code == .invalidArgument)
        #expect(try cluster.master.backends().isEmpty)
    }

    // found A4
    @Test func otherSpellingsOfANameAreTheSameAddress() throws {
        let cluster = try FlowCluster(backends: 1, version: "doris-2.0")
        cluster.backends[0].set { $0.aliases = [second] }
        _ = try cluster.master.addBackend(NetworkAddress(host: "BE1.Example.", port: 9050))
        #expect(throws: MasterError.self) { try cluster.master.addBackend(second) }
        try cluster.master.dropBackend(NetworkAddress(host: "Be1.example", port: 9050), force: false)
        #expect(try cluster.master.backends().isEmpty)
    }
}
