/// Rows under headings, columns aligned: numbers to the right, words to the left.
struct TextTable {
    struct Column {
        var title: String
        var alignsRight: Bool
    }

    private var columns: [Column]
    private var rows: [[String]] = []

    /// A title that begins with ">" makes a right-aligned column.
    init(_ titles: [String]) {
        columns = titles.map {
            $0.hasPrefix(">")
                ? Column(title: String($0.dropFirst()), alignsRight: true) : Column(title: $0, alignsRight: false)
        }
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "a row needs a cell for each column")
        rows.append(row)
    }

    /// One line a row, with a heading; `empty` instead when there is none.
    func render(empty: String) -> String {
        if rows.isEmpty { return empty + "\n" }
        let widths = columns.indices.map { index in
            max(columns[index].title.count, rows.map { $0[index].count }.max() ?? 0)
        }
        let lines = ([columns.map(\.title)] + rows).map { row in line(row, widths) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var text = ""
        for (index, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            text += columns[index].alignsRight ? padding + cell : cell + padding
            if index < row.count - 1 { text += "  " }
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
