import HTTPAPI
import TabletModel

/// Draws a tablet's version graph in characters.
struct GraphText {
    /// The characters of a drawing. Neighbouring rowsets alternate between two, so that each can be told from the next.
    struct Glyphs {
        var local: [Character]
        var remote: [Character]
        var gap: Character
        var staleStart: Character
        var staleMiddle: Character
        var staleNext: Character
        var staleEnd: Character

        static let unicode = Glyphs(
            local: ["█", "▓"], remote: ["▒", "░"], gap: "╳", staleStart: "├", staleMiddle: "─", staleNext: "┼",
            staleEnd: "┤")
        static let ascii = Glyphs(
            local: ["#", "="], remote: ["o", ":"], gap: "X", staleStart: "|", staleMiddle: "-", staleNext: "+",
            staleEnd: "|")
    }

    /// Columns of the terminal.
    var width: Int
    var glyphs = Glyphs.unicode
    var isColoured = false
    /// Milliseconds since 1970: ages are counted to it.
    var nowMs: Int64
    /// Lanes of stale paths shown of a replica; the rest is counted.
    var staleLaneLimit = 6

    func draw(_ picture: TabletPicture) -> String {
        let labels = picture.replicas.map { "backend \($0.backendID)" }
        let indent = (labels.map(\.count).max() ?? 0) + 2
        let scale = picture.scale(columns: max(10, width - indent))
        var lines = ["tablet \(picture.tabletID) of \(picture.table), visible version \(picture.visibleVersion)", ""]
        lines.append(padded("versions", indent) + ticks(scale))
        for (replica, label) in zip(picture.replicas, labels) {
            lines += draw(replica, padded(label, indent), indent, scale, picture)
        }
        lines.append("")
        lines.append(legend(picture, scale))
        return lines.joined(separator: "\n") + "\n"
    }

    private func draw(
        _ replica: ReplicaPicture, _ label: String, _ indent: Int, _ scale: VersionScale, _ picture: TabletPicture
    ) -> [String] {
        guard let graph = replica.graph else {
            return [label + colour("can't be asked: \(replica.problem)", .gap)]
        }
        let gaps = picture.gaps(of: graph)
        var lines = [label + text(of: visibleRow(graph, gaps, scale))]
        let stale = Lanes(
            graph.stalePaths.compactMap { path in
                path.edges.map(\.start).min().map { low in
                    (columns: scale.columns(from: low, to: path.edges.map(\.end).max() ?? low), item: path)
                }
            })
        for lane in stale.lanes.prefix(staleLaneLimit) {
            lines.append(padded("  stale", indent) + text(of: staleRow(lane.map(\.item), scale)))
        }
        lines.append("  " + colour(summary(replica, graph, gaps), gaps.isEmpty ? .words : .gap))
        lines += staleWords(graph)
        return lines
    }

    // MARK: Rows of cells

    private enum Tone { case blank, words, local, remote, gap, stale }
    private typealias Cell = (glyph: Character, tone: Tone)

    private func visibleRow(_ graph: VersionGraphView, _ gaps: VersionSet, _ scale: VersionScale) -> [Cell] {
        var row = [Cell](repeating: (" ", .blank), count: scale.columns)
        for (index, edge) in graph.visible.enumerated() {
            let columns = scale.columns(from: edge.start, to: edge.end)
            let glyph = (edge.isRemote ? glyphs.remote : glyphs.local)[index % 2]
            for column in columns { row[column] = (glyph, edge.isRemote ? .remote : .local) }
            // A version of its own is told by the scale above; a number between boxes would only look odd.
            if edge.start < edge.end { write(edge.label, into: columns, &row) }
        }
        for gap in gaps.ranges {
            // Last, so that a column that stands for many versions shows that some are missing.
            for column in scale.columns(from: gap.start.rawValue, to: gap.end.rawValue) {
                row[column] = (glyphs.gap, .gap)
            }
        }
        return row
    }

    private func staleRow(_ paths: [VersionGraphView.Path], _ scale: VersionScale) -> [Cell] {
        var row = [Cell](repeating: (" ", .blank), count: scale.columns)
        for path in paths {
            for (index, edge) in path.edges.enumerated() {
                let columns = scale.columns(from: edge.start, to: edge.end)
                for column in columns { row[column] = (glyphs.staleMiddle, .stale) }
                row[columns.lowerBound].glyph = index == 0 ? glyphs.staleStart : glyphs.staleNext
                if index == path.edges.count - 1, columns.count > 1 {
                    row[columns.upperBound - 1].glyph = glyphs.staleEnd
                }
                if edge.start < edge.end { write(edge.label, into: columns, &row) }
            }
        }
        return row
    }

    /// In the middle of the columns, when a column stays free on both sides.
    private func write(_ label: String, into columns: Range<Int>, _ row: inout [Cell]) {
        guard label.count + 2 <= columns.count else { return }
        let first = columns.lowerBound + (columns.count - label.count) / 2
        for (offset, character) in label.enumerated() { row[first + offset].glyph = character }
    }

    private func text(of row: [Cell]) -> String {
        var text = ""
        var rest = row[...]
        while let last = rest.last, last.tone == .blank { rest.removeLast() }
        while let first = rest.first {
            let run = rest.prefix { $0.tone == first.tone }
            text += colour(String(run.map(\.glyph)), first.tone)
            rest = rest.dropFirst(run.count)
        }
        return text
    }

    // MARK: Words

    private func ticks(_ scale: VersionScale) -> String {
        var line = ""
        for tick in scale.ticks() {
            line += String(repeating: " ", count: max(0, tick.column - line.count)) + tick.label
        }
        return line
    }

    private func summary(_ replica: ReplicaPicture, _ graph: VersionGraphView, _ gaps: VersionSet) -> String {
        let remote = graph.visible.filter(\.isRemote).count
        let rows = clampedSum(graph.visible.map(\.rows))
        return "replica \(replica.replicaID) on \(replica.address): holds \(graph.heldVersions)"
            + (gaps.isEmpty ? "" : ", MISSING \(gaps)") + "; \(graph.visible.count) rowsets"
            + (remote > 0 ? ", \(remote) of them in the object store" : "") + ", \(rows) rows, "
            + formatBytes(clampedSum(graph.visible.map(\.bytes)))
    }

    private func staleWords(_ graph: VersionGraphView) -> [String] {
        guard !graph.stalePaths.isEmpty else { return [] }
        let newest = graph.stalePaths.sorted { $0.staleAtMs > $1.staleAtMs }.prefix(8).map { path in
            "\(path.label) in \(path.edges.count) rowsets since "
                + formatSeconds(Double(nowMs - path.staleAtMs) / 1000)
        }
        let more = graph.stalePaths.count - newest.count
        let words = newest.joined(separator: "; ") + (more > 0 ? "; and \(more) older" : "")
        return ["  " + colour("stale paths: \(words)", .stale)]
    }

    /// Only what is drawn.
    private func legend(_ picture: TabletPicture, _ scale: VersionScale) -> String {
        let graphs = picture.replicas.compactMap(\.graph)
        var parts: [String] = []
        if graphs.contains(where: { $0.visible.contains { !$0.isRemote } }) {
            parts.append(colour(String(glyphs.local), .local) + " rowset")
        }
        if graphs.contains(where: { $0.visible.contains(where: \.isRemote) }) {
            parts.append(colour(String(glyphs.remote), .remote) + " rowset in the object store")
        }
        if graphs.contains(where: { !picture.gaps(of: $0).isEmpty }) {
            parts.append(colour(String([glyphs.gap, glyphs.gap]), .gap) + " missing")
        }
        if graphs.contains(where: { !$0.stalePaths.isEmpty }) {
            let path = String([glyphs.staleStart, glyphs.staleMiddle, glyphs.staleEnd])
            parts.append(colour(path, .stale) + " stale path, kept for readers of old versions")
        }
        if !scale.isExact { parts.append("some columns stand for several rowsets; --svg draws each") }
        return parts.joined(separator: "   ")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func colour(_ text: String, _ tone: Tone) -> String {
        guard isColoured else { return text }
        let code: String
        switch tone {
        case .blank, .words: return text
        case .local: code = "32"
        case .remote: code = "36"
        case .gap: code = "1;31"
        case .stale: code = "2"
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
