import ClusterTestKit
import Platform
import Synchronization
import TabletModel
import Testing

@testable import BackendCore

@Suite struct MasterLinkTests {
    private let connector = RecordingMaster(time: ManualScheduler())
    private let link = MasterLink()
    private let address = NetworkAddress(host: "fe1", port: 9020)

    private func line(_ epoch: Int64) -> any MasterConnection {
        link.line(to: address, epoch: epoch) { connector.connection(to: address) }
    }

    private func install(_ epoch: Int64, revision: UInt64) {
        link.install(
            KnownMaster(
                address: address, epoch: epoch, backend: BackendAddress(host: "be1", bePort: 1, httpPort: 2),
                line: line(epoch), dialect: .tabletd, isConfirmed: true, revision: revision, onAnswer: {}))
    }

    private var lines: Int { connector.state.withLock { $0.lines.count } }
    private var abandoned: Int { connector.state.withLock { $0.abandoned.count } }

    /// Two heartbeats of a new epoch at once: a second line would never be given up.
    @Test func thereIsOneLineToAMasterOfAnEpoch() {
        _ = line(3)
        _ = line(3)
        #expect(lines == 1)
        install(3, revision: 1)
        install(3, revision: 2)
        #expect(lines == 1 && abandoned == 0)
        install(4, revision: 3)
        #expect(lines == 2 && abandoned == 1)
        // One of before that ends late.
        install(3, revision: 2)
        #expect(link.master?.epoch == 4)
    }
}
