/// All rows of one metric name.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram, summary }

    enum Metric: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case reading(@Sendable () -> Double)
        case readingMany(@Sendable () -> [(labels: [(String, String)], value: Double)])
    }

    let name: String
    let help: String
    let kind: Kind
    /// By rendered labels (`a="b",c="d"`), empty for none.
    var rows: [String: Metric] = [:]

    init(name: String, help: String, kind: Kind) {
        precondition(isMetricName(name[...], colonAllowed: true), "\(name) is no Prometheus metric name")
        self.name = name
        self.help = help
        self.kind = kind
    }

    func render(into text: inout String) {
        text += "# HELP \(name) \(escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, metric) in rows.sorted(by: { $0.key < $1.key }) {
            switch metric {
            case .counter(let counter): line(name, labels, String(counter.value), &text)
            case .gauge(let gauge): line(name, labels, number(gauge.value), &text)
            case .reading(let read): line(name, labels, number(read()), &text)
            case .readingMany(let read):
                let rows = read().map { (renderLabels($0.labels), $0.value) }
                for (labels, value) in rows.sorted(by: { $0.0 < $1.0 }) { line(name, labels, number(value), &text) }
            case .histogram(let histogram) where kind == .summary: renderQuantiles(histogram, labels, &text)
            case .histogram(let histogram): render(histogram, labels, &text)
            }
        }
    }

    private func render(_ histogram: Histogram, _ labels: String, _ text: inout String) {
        let (counts, sum) = histogram.snapshot
        let separator = labels.isEmpty ? "" : ","
        var total: Int64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
            line(name + "_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(total), &text)
        }
        line(name + "_sum", labels, number(sum), &text)
        line(name + "_count", labels, String(total), &text)
    }

    /// As Doris' FE has them.
    private static let quantiles = [0.75, 0.95, 0.98, 0.99, 0.999]

    private func renderQuantiles(_ histogram: Histogram, _ labels: String, _ text: inout String) {
        let (counts, sum) = histogram.snapshot
        let separator = labels.isEmpty ? "" : ","
        for quantile in Self.quantiles {
            let value = histogram.quantile(quantile, of: counts)
            line(name, "\(labels)\(separator)quantile=\"\(number(quantile))\"", number(value), &text)
        }
        line(name + "_sum", labels, number(sum), &text)
        line(name + "_count", labels, String(counts.reduce(0, +)), &text)
    }

    private func line(_ name: String, _ labels: String, _ value: String, _ text: inout String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}

/// Labels in name order, so that the same set in another order is the same row.
func renderLabels(_ labels: [(String, String)]) -> String {
    labels.sorted { $0.0 < $1.0 }.map { name, value in
        precondition(isMetricName(name[...], colonAllowed: false), "\(name) is no Prometheus label name")
        return "\(name)=\"\(escape(value, quotes: true))\""
    }.joined(separator: ",")
}

/// Whole numbers without a fraction, as Prometheus' own clients write them.
private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
    return value.description
}

private func escape(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        case "\"" where quotes: escaped += "\\\""
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

private func isMetricName(_ name: Substring, colonAllowed: Bool) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): colonAllowed
        default: false
        }
    }
}
