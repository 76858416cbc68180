/// A line on a terminal that shows how far something is and how long it will still take. Elsewhere (a pipe, a log) it
/// prints nothing, so that output stays clean.
struct ProgressBar {
    private let title: String
    private let isShown: Bool
    private let began = monotonicSeconds()
    private var lastDrawn = 0.0

    init(_ title: String, json: Bool = false) {
        self.title = title
        isShown = Terminal.errorIsTerminal && !json
    }

    /// Draws at most ten times a second.
    /// - Parameter total: 0 when nobody knows it: the note alone is drawn.
    mutating func update(done: Int64, total: Int64, note: String = "") {
        guard isShown else { return }
        let now = monotonicSeconds()
        guard now - lastDrawn >= 0.1 || (total > 0 && done >= total) else { return }
        lastDrawn = now
        Terminal.printBare("\r\u{1B}[K" + Self.line(title, done, total, elapsed: now - began, note: note))
    }

    func finish() {
        if isShown { Terminal.printBare("\r\u{1B}[K") }
    }

    static func line(_ title: String, _ done: Int64, _ total: Int64, elapsed: Double, note: String) -> String {
        guard total > 0 || note.isEmpty else { return "\(title)  \(note)" }
        let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 0
        let width = 28
        let filled = Int(share * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        var text = "\(title) \(bar) \(Int(share * 100))%"
        if share > 0, share < 1 { text += "  ETA \(formatSeconds(elapsed / share - elapsed))" }
        return note.isEmpty ? text : text + "  " + note
    }
}
