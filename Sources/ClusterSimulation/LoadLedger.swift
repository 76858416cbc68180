public import Checksums

/// What was given to the cluster to load, and what it said had become visible.
public final class LoadLedger {
    /// Checksum of each load's rows by label, whether or not it came through.
    public private(set) var given: [String: RowChecksum] = [:]
    /// Labels that the cluster told the client are visible.
    public private(set) var acknowledged: Set<String> = []
    /// What a delete leaves of a load, by the load's label.
    private var left: [String: RowChecksum] = [:]
    private var rows: [String: SampleRows] = [:]

    init() {}

    func give(_ label: String, _ rows: SampleRows) {
        given[label] = rows.checksum
        self.rows[label] = rows
    }

    /// Notes that the first rows of a load are to be deleted. One delete a load.
    func giveDelete(of load: String, first count: Int) {
        left[load] = rows[load]?.checksum(withoutFirst: count) ?? RowChecksum()
    }

    static func deleteLabel(of load: String) -> String { "delete-\(load)" }

    /// The rows of these loads without what those among these labels that are deletes took.
    func rows(of labels: Set<String>) -> RowChecksum {
        var sum = RowChecksum()
        for label in labels.sorted() {
            let isDeleted = labels.contains(Self.deleteLabel(of: label))
            sum.add((isDeleted ? left[label] : given[label]) ?? RowChecksum())
        }
        return sum
    }
    func acknowledge(_ label: String) { acknowledged.insert(label) }
}
