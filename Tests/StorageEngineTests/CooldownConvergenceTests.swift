import ClusterTestKit
import Testing

@testable import StorageEngine

/// Whatever has happened to a tablet, once it is quiet its replicas become cold without another load.
@Suite("Followers reach the uploader's prefix")
struct CooldownConvergenceTests {
    // found B1, B2, B3
    @Test("after any history, without another load", arguments: SeedRange.chosen(default: 1...60))
    func anyHistory(seed: UInt64) throws {
        let history = try CooldownHistory(seed: seed)
        for _ in 0..<60 { try history.step() }
        guard try history.settle() else { throw history.failure("did not become cold") }
    }
}
