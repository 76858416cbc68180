internal import HashTreeCollections
internal import TabletModel

extension MetadataStore {
    /// Journals what is new of these findings: from then on the tables, or the whole FE, are held.
    /// - Returns: those that were new.
    public func noteOlder(_ found: [FoundOlder]) throws -> [FoundOlder] {
        // Mostly known already: no turn of the writer is taken then.
        guard !read({ $0.newFindings(found) }).isEmpty else { return [] }
        return try commit { state in
            let new = state.newFindings(found)
            return (new.isEmpty ? [] : [.olderMetadataFound(new)], new)
        }
    }
}

extension ClusterState {
    fileprivate func newFindings(_ found: [FoundOlder]) -> [FoundOlder] {
        var after = older
        return found.compactMap { one in
            // Dropped meanwhile.
            if let table = one.tableID, tablesByID[table] == nil { return nil }
            var one = one
            one.finding.idEnd = idBatchEnd
            let before = after
            after.add(one.finding, of: one.tableID)
            return after == before ? nil : one
        }
    }
}
