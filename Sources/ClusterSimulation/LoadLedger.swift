public import Checksums

/// What was given to the cluster to load, and what it said had become visible.
public final class LoadLedger {
    /// Checksum of each load's rows by label, whether or not it came through.
    public private(set) var given: [String: RowChecksum] = [:]
    /// Labels that the cluster told the client are visible.
    public private(set) var acknowledged: Set<String> = []

    init() {}

    func give(_ label: String, _ rows: SampleRows) { given[label] = rows.checksum }
    func acknowledge(_ label: String) { acknowledged.insert(label) }
}
