internal import ClusterMetadata
internal import ClusterTestKit
internal import HTTPAPI

extension SimulatedCluster {
    /// What a crash of the FE's machine would leave now is whole: every checksum and invariant of its images and journal.
    public func checkMetadata() throws {
        // Of several, the log is not on one machine.
        guard !isReplicated else { return try checkFrontends() }
        let machine = MemoryMachine()
        machine.restore(frontend.machine.copy())
        let verdict = try MetadataVerification.run(
            MetadataFolder("/fe", files: machine.fileSystem, stores: machine.keyValueStores))
        guard verdict.isWell else {
            throw SimulationFailure(
                seed: seed,
                "the FE's metadata: " + verdict.problems.map { "\($0.place): \($0.text)" }.joined(separator: "; "))
        }
    }
}
