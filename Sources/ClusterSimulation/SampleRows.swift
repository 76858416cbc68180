internal import Checksums
public import ClusterTestKit
internal import Platform

/// Delimited lines for a load, in whatever columns the table has.
public struct SampleRows: Sendable {
    /// What a table of the simulation begins with.
    public static let columns = ["k", "row", "filler"]

    /// Of the columns that every table begins with.
    private let fields: [[String]]

    /// Rows of three fields, of many lengths.
    public init(_ count: Int, label: String, random: SeededRandom) {
        fields = (0..<count).map { index in
            let key = random.next(below: 1_000_000)
            return ["\(key)", "\(label)-\(index)", String(repeating: "x", count: Int(random.next(below: 60)))]
        }
    }

    /// What a column that is added later gives rows from before.
    static func defaultValue(of column: String) -> String { "no \(column)" }

    /// Lines for a load that begins while the table has these columns.
    public func bytes(in columns: [String] = columns) -> [UInt8] {
        fields.indices.flatMap { line($0, columns, loadedIn: columns) + [UInt8(ascii: "\n")] }
    }

    /// Of the rows behind the first ones, as a table with `columns` has them. - Parameter loaded: the columns that it had when
    /// the load began.
    func checksum(in columns: [String], loadedIn loaded: [String], withoutFirst count: Int = 0) -> RowChecksum {
        var checksum = RowChecksum()
        for index in fields.indices.dropFirst(count) {
            line(index, columns, loadedIn: loaded).withUnsafeBytes { checksum.add(row: $0) }
        }
        return checksum
    }

    private func line(_ index: Int, _ columns: [String], loadedIn loaded: [String]) -> [UInt8] {
        let values = columns.map { column in
            if let place = Self.columns.firstIndex(of: column) { return fields[index][place] }
            return loaded.contains(column) ? "\(column) of \(index)" : Self.defaultValue(of: column)
        }
        return Array(values.joined(separator: ",").utf8)
    }
}
