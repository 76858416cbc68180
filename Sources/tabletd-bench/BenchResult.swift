internal import Foundation

/// What a figure should reach.
enum Goal {
    case atLeast(Double)
    case atMost(Double)
    /// For the reader: no goal of its own.
    case none

    func isReached(by value: Double) -> Bool? {
        switch self {
        case .atLeast(let wanted): value >= wanted
        case .atMost(let wanted): value <= wanted
        case .none: nil
        }
    }

    var text: String {
        switch self {
        case .atLeast(let wanted): "≥ " + Figure.text(wanted)
        case .atMost(let wanted): "≤ " + Figure.text(wanted)
        case .none: ""
        }
    }
}

/// One figure of a bench: its key in the JSON file, and what it should be.
struct Figure {
    var key: String
    var value: Double
    var goal = Goal.none

    /// Whole numbers with their thousands apart, small ones with three significant digits.
    static func text(_ value: Double) -> String {
        guard abs(value) < 100 else { return grouped(value.rounded()) }
        let digits = abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 4
        return String(format: "%.\(digits)f", value)
    }

    private static func grouped(_ value: Double) -> String {
        var text = ""
        for (index, digit) in String(Int64(value.magnitude)).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }
}

/// The outcome of one bench: medians over its runs.
struct BenchResult {
    var bench: String
    var figures: [Figure]
    var runs: Int

    private struct File: Encodable {
        var bench: String
        var figures: [String: Double]
        var machine: Machine
        var runs: Int
    }

    /// Prints the table and, when a file is named, writes the figures as JSON.
    func deliver(json path: String?) throws {
        print(table)
        guard let path else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let values = Dictionary(uniqueKeysWithValues: figures.map { ($0.key, $0.value) })
        let file = File(bench: bench, figures: values, machine: .current, runs: runs)
        try encoder.encode(file).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private var table: String {
        let rows = figures.map { figure in
            let verdict = figure.goal.isReached(by: figure.value).map { $0 ? "reached" : "missed" } ?? ""
            return [figure.key, Figure.text(figure.value), figure.goal.text, verdict]
        }
        let all = [["figure", "median", "goal", ""]] + rows
        let widths = (0..<4).map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            let cells = row.indices.map { column -> String in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 || column == 3 ? row[column] + space : space + row[column]
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        return "\(bench): medians of \(runs) run\(runs == 1 ? "" : "s")\n" + lines.joined(separator: "\n")
    }
}
