internal import Logging
internal import TabletModel

/// What a report says and nothing can be made of: tablets named twice, with another schema than their index has, or at a
/// version that this FE never gave. For a person to see; the replicas stay as they are.
struct ContradictionExecutor {
    let environment: MasterEnvironment

    func carryOut(_ diff: TabletReportDiff, from backend: BackendID) {
        log(diff.aheads, backend)
        if !diff.duplicates.isEmpty {
            environment.logger.error(
                "a report names tablets more than once: nothing it says of them is believed",
                metadata: [
                    "backend": "\(backend)", "tablets": "\(diff.duplicates.count)", "tablet": "\(diff.duplicates[0])",
                ])
        }
        for mismatch in diff.schemaMismatches.prefix(ReportBatch.logLimit) {
            environment.logger.error(
                "a replica has another schema than its index",
                metadata: [
                    "tablet": "\(mismatch.tabletID)", "backend": "\(backend)", "reported": "\(mismatch.reported)",
                    "expected": "\(mismatch.expected)",
                ])
        }
    }

    private func log(_ aheads: [TabletReportDiff.Ahead], _ backend: BackendID) {
        guard let first = aheads.first else { return }
        environment.logger.error(
            "replicas are at versions that this FE never gave; was its metadata lost?",
            metadata: [
                "tablet": "\(first.tabletID)", "backend": "\(backend)", "version": "\(first.version)",
                "replicas": "\(aheads.count)",
            ])
    }
}
