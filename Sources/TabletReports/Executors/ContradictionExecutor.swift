internal import Logging
internal import MasterServices
internal import TabletModel

/// What a report says and nothing can be made of: tablets named twice, or with another schema than their index has. For a
/// person to see; the replicas stay as they are.
struct ContradictionExecutor {
    let environment: MasterEnvironment

    func carryOut(_ diff: TabletReportDiff, from backend: BackendID) {
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
}
