import Testing

/// Whatever happens to FEs, leases and lines: what was acknowledged is in the log once and on every FE, one acts at a moment, and
/// none in an epoch that is over.
@Suite struct TermsPropertyTests {
    @Test(arguments: UInt64(1)...30) func nothingAcknowledgedIsLostAndOneActs(seed: UInt64) throws {
        let simulation = try TermsSimulation(seed: seed, frontends: seed % 5 == 0 ? 5 : 3)
        try simulation.run(rounds: 40)
        #expect(simulation.witness.complaints.isEmpty, "seed \(seed)")
        #expect(!simulation.witness.acknowledged.isEmpty && simulation.witness.actions > 50, "seed \(seed)")
    }
}
