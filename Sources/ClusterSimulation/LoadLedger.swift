public import Checksums

/// What was given to the cluster to load, and what it said had become visible.
public final class LoadLedger {
    private struct Load {
        var rows: SampleRows
        /// That the table had when the load began.
        var columns = SampleRows.columns
        /// What a delete takes of it.
        var deleted = 0
    }

    private struct Question: Hashable {
        var label: String
        var columns: [String]
        var isDeleted: Bool
    }

    /// Labels that the cluster told the client are visible.
    public private(set) var acknowledged: Set<String> = []
    private var loads: [String: Load] = [:]
    /// Asked again and again.
    private var answers: [Question: RowChecksum] = [:]

    init() {}

    func give(_ label: String, _ rows: SampleRows) { loads[label] = Load(rows: rows) }

    /// The load that has the label from now on began while the table had these columns.
    func begun(_ label: String, in columns: [String]) {
        loads[label]?.columns = columns
        answers = answers.filter { $0.key.label != label }
    }

    /// Notes that the first rows of a load are to be deleted. One delete a load.
    func giveDelete(of load: String, first count: Int) { loads[load]?.deleted = count }

    static func deleteLabel(of load: String) -> String { "delete-\(load)" }

    /// The rows of these loads, as a table with these columns has them, without what those among these labels that are deletes
    /// took.
    public func rows(of labels: Set<String>, in columns: [String]) -> RowChecksum {
        var sum = RowChecksum()
        for label in labels.sorted() {
            guard let load = loads[label] else { continue }
            let isDeleted = labels.contains(Self.deleteLabel(of: label))
            let question = Question(label: label, columns: columns, isDeleted: isDeleted)
            let rows =
                answers[question]
                ?? load.rows.checksum(
                    in: columns, loadedIn: load.columns, withoutFirst: isDeleted ? load.deleted : 0)
            answers[question] = rows
            sum.add(rows)
        }
        return sum
    }

    func acknowledge(_ label: String) { acknowledged.insert(label) }
}
