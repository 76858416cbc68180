internal import Synchronization

/// The metrics of one process (or one simulated node), and their text for Prometheus.
///
/// Handles are made once and kept by whoever bumps them; asking again for the same name and labels gives the same
/// handle. Names are `[a-zA-Z_:][a-zA-Z0-9_:]*`, labels `[a-zA-Z_][a-zA-Z0-9_]*`; a name keeps the kind and the help it
/// was first made with. Breaking either rule is a mistake in the program, and traps.
public final class MetricsRegistry: Sendable {
    private let families = Mutex<[String: MetricFamily]>([:])
    private let groups = Mutex<[MetricGroup]>([])

    public init() {}

    public func counter(_ name: String, help: String, labels: [(String, String)] = []) -> Counter {
        let metric = obtain(name, help, .counter, labels) { .counter(Counter()) }
        guard case .counter(let counter) = metric else { preconditionFailure("metric \(name) is not a counter") }
        return counter
    }

    public func gauge(_ name: String, help: String, labels: [(String, String)] = []) -> Gauge {
        let metric = obtain(name, help, .gauge, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = metric else { preconditionFailure("metric \(name) is not a settable gauge") }
        return gauge
    }

    /// A gauge whose value is asked for at each `render`, on the rendering thread, with no lock held. A second closure for
    /// the same name and labels replaces the first.
    public func gauge(
        _ name: String, help: String, labels: [(String, String)] = [], _ read: @escaping @Sendable () -> Double
    ) {
        replace(name, help, .gauge, labels, .reading(read))
    }

    /// As `gauge(_:help:labels:_:)`, for a count that somebody else keeps.
    public func counter(
        _ name: String, help: String, labels: [(String, String)] = [], _ read: @escaping @Sendable () -> Double
    ) {
        replace(name, help, .counter, labels, .reading(read))
    }

    /// Rows that come and go (one a disk, one a backend): `read` gives labels and values at each `render`.
    public func gauges(
        _ name: String, help: String, _ read: @escaping @Sendable () -> [(labels: [(String, String)], value: Double)]
    ) {
        replace(name, help, .gauge, [], .readingMany(read))
    }

    public func histogram(
        _ name: String, help: String, labels: [(String, String)] = [], bounds: [Double] = Histogram.latencySeconds
    ) -> Histogram {
        let metric = obtain(name, help, .histogram, labels) { .histogram(Histogram(bounds: bounds)) }
        guard case .histogram(let histogram) = metric else { preconditionFailure("metric \(name) is not a histogram") }
        return histogram
    }

    /// A histogram that is shown as quantiles, as Doris' FE shows its own: precise enough to look at, and not to add up.
    public func summary(
        _ name: String, help: String, labels: [(String, String)] = [], bounds: [Double] = Histogram.latencyMilliseconds
    ) -> Histogram {
        let metric = obtain(name, help, .summary, labels) { .histogram(Histogram(bounds: bounds)) }
        guard case .histogram(let histogram) = metric else { preconditionFailure("metric \(name) is not a summary") }
        return histogram
    }

    /// Families whose rows come from one look at something, taken once a `render`, on the rendering thread, with no lock held.
    public func together(_ families: [MetricDescription], _ read: @escaping @Sendable () -> [MetricRow]) {
        groups.withLock { $0.append(MetricGroup(descriptions: families, read: read)) }
    }

    /// Text exposition format 0.0.4, families and rows in name order.
    public func render() -> String {
        let grouped = groups.withLock { $0 }.flatMap { $0.families() }
        let snapshot = families.withLock { Array($0.values) } + grouped
        var text = ""
        for family in snapshot.sorted(by: { $0.name < $1.name }) { family.render(into: &text) }
        return text
    }

    private func obtain(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [(String, String)],
        _ make: () -> MetricFamily.Metric
    ) -> MetricFamily.Metric {
        let key = renderLabels(labels)
        return families.withLock { families in
            var family = families[name] ?? MetricFamily(name: name, help: help, kind: kind)
            precondition(family.kind == kind, "metric \(name) was made as a \(family.kind.rawValue)")
            if let known = family.rows[key] { return known }
            let metric = make()
            family.rows[key] = metric
            families[name] = family
            return metric
        }
    }

    private func replace(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [(String, String)],
        _ metric: MetricFamily.Metric
    ) {
        let key = renderLabels(labels)
        families.withLock { families in
            var family = families[name] ?? MetricFamily(name: name, help: help, kind: kind)
            precondition(family.kind == kind, "metric \(name) was made as a \(family.kind.rawValue)")
            family.rows[key] = metric
            families[name] = family
        }
    }
}
