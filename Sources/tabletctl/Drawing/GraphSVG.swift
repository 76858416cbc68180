import HTTPAPI
import TabletModel

/// Draws a tablet's version graph as a picture of its own: no script, no font, no other file. Each rowset, gap and stale
/// path tells about itself when the pointer rests on it.
struct GraphSVG {
    /// Milliseconds since 1970: ages are counted to it.
    var nowMs: Int64

    private static let unit = 4
    private static let left = 24
    private static let laneHeight = 16
    private static let bandHeight = 26

    func draw(_ picture: TabletPicture) -> String {
        // At least 2 units for each segment, so that none is lost however long the history is.
        let probe = picture.scale(columns: 1)
        let columns = max(240, (probe.bounds.count - 1) * 2)
        let scale = picture.scale(columns: columns, widest: 40)
        let width = max(760, scale.columns * Self.unit + 2 * Self.left)
        var body = ""
        var y = 34
        body += text(Self.left, 22, "title", "Tablet \(picture.tabletID) of \(picture.table)")
        body += text(Self.left, y + 8, "note", "visible version \(picture.visibleVersion)")
        y += 28
        body += ticks(scale, y)
        y += 14
        for replica in picture.replicas { body += draw(replica, scale, picture, &y) }
        body += legend(y + 6)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(y + 40)" width="\(width)" \
            height="\(y + 40)" role="img" aria-label="Version graph of tablet \(picture.tabletID)">
            \(Self.style)<rect class="page" width="\(width)" height="\(y + 40)"/>
            \(body)</svg>

            """
    }

    /// Moves `y` below what it drew.
    private func draw(_ replica: ReplicaPicture, _ scale: VersionScale, _ picture: TabletPicture, _ y: inout Int)
        -> String
    {
        y += 22
        let name = "backend \(replica.backendID)"
        guard let graph = replica.graph else {
            defer { y += 8 }
            return text(Self.left, y, "name", name)
                + text(Self.left + 130, y, "trouble", "can't be asked: \(replica.problem)")
        }
        let gaps = picture.gaps(of: graph)
        let words =
            "replica \(replica.replicaID) on \(replica.address): holds \(graph.heldVersions.brief(8))"
            + (gaps.isEmpty ? "" : ", MISSING \(gaps.brief(8))")
        var body =
            text(Self.left, y, "name", name) + text(Self.left + 130, y, gaps.isEmpty ? "note" : "trouble", words)
        y += 8
        for (index, edge) in graph.visible.enumerated() {
            let kind = edge.isRemote ? "remote" : "local"
            body += box(edge, scale, y, Self.bandHeight, "\(kind) \(index % 2 == 0 ? "even" : "odd")", what(edge))
        }
        for gap in gaps.ranges { body += box(gap, name, scale, y) }
        y += Self.bandHeight + 4
        body += drawStale(graph, scale, &y)
        return body
    }

    private func drawStale(_ graph: VersionGraphView, _ scale: VersionScale, _ y: inout Int) -> String {
        var body = ""
        let lanes = Lanes(
            graph.stalePaths.compactMap { path in
                path.edges.map(\.start).min().map { low in
                    (columns: scale.columns(from: low, to: path.edges.map(\.end).max() ?? low), item: path)
                }
            })
        for lane in lanes.lanes {
            for (_, path) in lane {
                let age = formatSeconds(Double(nowMs - path.staleAtMs) / 1000)
                for edge in path.edges {
                    let about = "stale path \(path.id), since \(age): " + what(edge)
                    body += box(edge, scale, y, Self.laneHeight - 3, "stale", about)
                }
            }
            y += Self.laneHeight
        }
        return body
    }

    // MARK: Parts

    private func box(
        _ edge: VersionGraphView.Edge, _ scale: VersionScale, _ y: Int, _ height: Int, _ kind: String, _ about: String
    ) -> String {
        let (x, width) = place(edge.start, edge.end, scale)
        var part =
            "<g><title>\(escaped(about))</title><rect class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" "
            + "height=\"\(height)\" rx=\"2\"/>"
        if edge.label.count * 7 + 4 <= width {
            part += "<text class=\"label\" x=\"\(x + width / 2)\" y=\"\(y + height / 2 + 4)\">\(edge.label)</text>"
        }
        part += "</g>\n"
        return part
    }

    private func box(_ gap: VersionRange, _ backend: String, _ scale: VersionScale, _ y: Int) -> String {
        let (x, width) = place(gap.start.rawValue, gap.end.rawValue, scale)
        let label = VersionSet([gap]).description
        var part =
            "<g><title>\(escaped("\(missing(gap)) on \(backend)"))</title><rect class=\"gap\" x=\"\(x)\" y=\"\(y)\" "
            + "width=\"\(width)\" height=\"\(Self.bandHeight)\"/>"
        if label.count * 7 + 4 <= width {
            part += "<text class=\"label\" x=\"\(x + width / 2)\" y=\"\(y + Self.bandHeight / 2 + 4)\">\(label)</text>"
        }
        return part + "</g>\n"
    }

    private func place(_ start: Int64, _ end: Int64, _ scale: VersionScale) -> (x: Int, width: Int) {
        let columns = scale.columns(from: start, to: end)
        return (Self.left + columns.lowerBound * Self.unit, max(2, columns.count * Self.unit - 1))
    }

    private func ticks(_ scale: VersionScale, _ y: Int) -> String {
        var body = ""
        var free = 0
        for (bound, column) in zip(scale.bounds.dropLast(), scale.positions) {
            let x = Self.left + column * Self.unit
            guard x >= free else { continue }
            body += text(x, y, "tick", "\(bound)")
            free = x + "\(bound)".count * 7 + 10
        }
        return body
    }

    private func legend(_ y: Int) -> String {
        let parts = [
            ("local even", "rowset"), ("remote even", "rowset in the object store"), ("gap", "missing versions"),
            ("stale", "stale path, kept for readers of old versions"),
        ]
        var body = ""
        var x = Self.left
        for (kind, words) in parts {
            body += "<rect class=\"\(kind)\" x=\"\(x)\" y=\"\(y + 8)\" width=\"18\" height=\"12\" rx=\"2\"/>\n"
            body += text(x + 24, y + 18, "note", words)
            x += 44 + words.count * 7
        }
        return body
    }

    private func what(_ edge: VersionGraphView.Edge) -> String {
        "rowset \(edge.rowsetID), versions \(edge.label), \(edge.rows) rows, \(formatBytes(edge.bytes)), "
            + (edge.isRemote ? "in the object store" : "local")
    }

    private func missing(_ gap: VersionRange) -> String {
        gap.count == 1 ? "version \(gap.start) is missing" : "versions \(gap.start)-\(gap.end) are missing"
    }

    private func text(_ x: Int, _ y: Int, _ kind: String, _ words: String) -> String {
        "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\">\(escaped(words))</text>\n"
    }

    private static let style = """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #333 }
        .title { font-size: 15px; font-weight: 600; fill: #111 }
        .name { font-weight: 600 }
        .note, .tick { fill: #666 }
        .tick { font-size: 10px }
        .trouble { fill: #b3261e; font-weight: 600 }
        .label { font-size: 10px; fill: #fff; text-anchor: middle; pointer-events: none }
        .stale + .label { fill: #555 } .gap + .label { fill: #b3261e; font-weight: 600 }
        .page { fill: #fff }
        .local.even { fill: #2f7d4f } .local.odd { fill: #459c68 }
        .remote.even { fill: #2a6f97 } .remote.odd { fill: #468faf }
        .gap { fill: #fbe3e1; stroke: #b3261e; stroke-dasharray: 3 2 }
        .stale { fill: #eee; stroke: #999; stroke-width: 1 }
        </style>

        """
}

/// Text as it may stand in XML.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        // XML 1.0 has no place for control characters, not even as a reference.
        case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
