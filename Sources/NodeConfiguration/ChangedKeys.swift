/// The text of a file of keys that were changed while the daemon ran: read after the configuration file, and winning over it.
public struct ChangedKeys: Sendable {
    private static let heading = """
        # Written by the daemon: keys that were changed while it ran and are to stay. Read after the configuration file, and
        # winning over it; a line that is taken out is as if it had never been changed.

        """

    public private(set) var text: String

    /// - Parameter text: of the file as it is; empty: there is none.
    public init(_ text: String) { self.text = text.isEmpty ? Self.heading : text }

    /// The same text with these keys at these values; all other lines as they were.
    public mutating func set(_ changes: [(name: String, value: String)]) {
        let new = Dictionary(changes, uniquingKeysWith: { _, last in last })
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            guard let equals = line.firstIndex(of: "="), !trim(line).hasPrefix("#") else { return true }
            return new[String(trim(line[..<equals]))] == nil
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        let added = new.sorted { $0.key < $1.key }.map { "\($0.key) = \(quoted($0.value))" }
        text = lines.map { $0 + "\n" }.joined() + added.map { $0 + "\n" }.joined()
    }
}

/// As a file needs it, so that what is read is what was meant.
private func quoted(_ value: String) -> String {
    guard value.hasPrefix("\"") || trim(value[...]) != value[...] else { return value }
    return "\"" + value.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
}
