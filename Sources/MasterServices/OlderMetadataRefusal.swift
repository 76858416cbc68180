public import ClusterMetadata
public import HTTPAPI
public import TabletModel

extension ClusterState {
    /// Writes are refused while the metadata are older than the backends.
    /// - Parameter table: what is written; nil: something new, or the whole FE.
    public func checkNotOlder(_ table: TableID? = nil) throws(MasterError) {
        guard let finding = older.finding(for: table) else { return }
        let subject =
            older.isClusterHeld
            ? "this FE's" : "table \(table.flatMap { self.table($0) }.map { name(of: $0).description } ?? "?")'s"
        throw MasterError(
            .conflict, "\(subject) metadata are older than the backends: \(finding.text)",
            nextStep: "see tabletctl meta status, then choose: tabletctl meta adopt, or tabletctl meta discard")
    }

    /// Nothing of the tablet may be dropped, overwritten or written.
    public func isHeld(_ tablet: TabletID) -> Bool {
        guard !older.isEmpty else { return false }
        return older.holds(tablets.tablet(tablet)?.tableID)
    }
}
