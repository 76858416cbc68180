/// One value of a family whose rows come from one look (`MetricsRegistry.together`).
public struct MetricRow: Sendable {
    let name: String
    let labels: [(String, String)]
    let value: Double

    public init(_ name: String, _ value: Double) { self.init(name, [], value) }

    public init(_ name: String, _ labels: [(String, String)], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// What a family is, to be told before its rows are.
public struct MetricDescription: Sendable {
    public enum Kind: Sendable { case counter, gauge }

    let name: String
    let help: String
    let kind: MetricFamily.Kind

    public init(_ name: String, _ help: String) { self.init(name, .gauge, help) }

    public init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.help = help
        self.kind = kind == .counter ? .counter : .gauge
    }
}

/// Families that are read together.
struct MetricGroup: Sendable {
    let descriptions: [MetricDescription]
    let read: @Sendable () -> [MetricRow]

    /// One look. A row of a family that was not described is a mistake in the program, and traps.
    func families() -> [MetricFamily] {
        let rows = Dictionary(grouping: read()) { $0.name }
        precondition(
            Set(rows.keys).isSubset(of: descriptions.map(\.name)), "a row of a metric that nobody described")
        return descriptions.map { description in
            var family = MetricFamily(name: description.name, help: description.help, kind: description.kind)
            let values = (rows[description.name] ?? []).map { (labels: $0.labels, value: $0.value) }
            family.rows[""] = .readingMany { values }
            return family
        }
    }
}
