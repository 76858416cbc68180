internal import TabletModel

/// Whose rows a version of the tablet holds.
enum VersionHolder: Hashable, Sendable {
    case transaction(TransactionID)
    /// The version is in a rowset that was merged long ago, or by a build that did not remember it.
    case unknown
}

extension Tablet {
    /// nil when the tablet does not hold the version.
    func holder(of version: Version) -> VersionHolder? {
        withState { state in
            guard let rowset = state.rowsets.first(where: { $0.meta.versions.contains(version) }) else { return nil }
            if let transaction = rowset.meta.transaction(of: version) { return .transaction(transaction) }
            // What was merged may still be there, and know.
            for stale in state.stale.entries where stale.rowset.meta.versions.contains(version) {
                if let transaction = stale.rowset.meta.transaction(of: version) { return .transaction(transaction) }
            }
            return .unknown
        }
    }

    /// The transaction's rows are visible here, as far as that is remembered.
    func holds(_ transaction: TransactionID) -> Bool {
        withState { state in
            state.rowsets.contains {
                $0.meta.transactionID == transaction || $0.meta.mergedTransactions.contains(transaction)
            }
        }
    }
}
