import NodeConfiguration

/// The documents made from the key table. `docs/config.md` and `etc/*.conf` are committed; a test compares.
extension ConfigurationSchema {
    /// A `.conf` file with every key in a comment: what it does, unit, default, range.
    static func renderedFile(heading: [String]) -> String {
        var lines = heading.map { "# " + $0 }
        for section in sections {
            lines += ["", "# ── \(section.title) " + String(repeating: "─", count: max(0, 90 - section.title.count))]
            for key in section.keys {
                lines.append("")
                lines += wrapped(key.summary, width: 108).map { "# " + $0 }
                lines += wrapped(facts(key), width: 108).map { "# " + $0 }
                lines.append("# \(key.name) =" + (key.defaultText.isEmpty ? "" : " " + key.defaultText))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One table a section.
    static func renderedMarkdown(title: String) -> String {
        var lines = ["## " + title]
        for section in sections {
            lines += [
                "", "### " + section.title, "", "| key | default | unit | allowed | of | changes | meaning |",
                "|---|---|---|---|---|---|---|",
            ]
            lines += section.keys.map(row)
        }
        lines += ["", "### Doris' keys that are accepted and ignored", "", "| key | why |", "|---|---|"]
        lines += unusedDorisKeys.sorted { $0.key < $1.key }.map { "| `\($0.key)` | \($0.value) |" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ key: ConfigurationKey<Self>) -> String {
        let value = key.defaultText.isEmpty ? "(empty)" : "`\(key.defaultText)`"
        let cells = [
            "`\(key.name)`", value, key.unit, key.allowed, key.isFromDoris ? "Doris" : "tabletd",
            key.isRuntime ? "running" : "", key.summary,
        ]
        return "| " + cells.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ") + " |"
    }

    private static func facts(_ key: ConfigurationKey<Self>) -> String {
        var facts = [key.isFromDoris ? "Doris' key" : "tabletd's own key"]
        facts.append("allowed: \(key.allowed)\(key.unit.isEmpty ? "" : " " + key.unit)")
        facts.append("default: \(key.defaultText.isEmpty ? "empty" : key.defaultText)")
        if key.isRuntime { facts.append("may be changed while the daemon runs") }
        return facts.joined(separator: " · ")
    }
}

private func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
}
