import ServerFixtures

/// Prometheus' text format 0.0.4, read strictly: each family once, with help and type before its samples, each sample once.
struct MetricsText {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
    }

    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample: Double] = [:]
    private var helped: Set<String> = []
    private var current = ""

    /// - Throws: `FixtureError` that shows the line.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw FixtureError("the last line has no end") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            do {
                if line.hasPrefix("#") { try readComment(line) } else { try readSample(line) }
            } catch {
                throw FixtureError("metrics: \(error): \(line)")
            }
        }
    }

    /// The sample of these labels, whatever others there are.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples[Sample(name: name, labels: labels)]
    }

    private mutating func readComment(_ line: Substring) throws {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count == 4, words[0] == "#" else { throw FixtureError("no comment of the format") }
        let name = String(words[2])
        switch words[1] {
        case "HELP":
            guard helped.insert(name).inserted else { throw FixtureError("helped twice") }
        case "TYPE":
            guard helped.contains(name), types[name] == nil else {
                throw FixtureError("no help before it, or typed twice")
            }
            guard ["counter", "gauge", "histogram", "summary"].contains(words[3]) else { throw FixtureError("no type") }
            types[name] = String(words[3])
            current = name
        default: throw FixtureError("neither HELP nor TYPE")
        }
    }

    private mutating func readSample(_ line: Substring) throws {
        var rest = line
        let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
        rest.removeFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = String(rest.prefix { $0 != "=" })
                guard rest.dropFirst(label.count).hasPrefix("=\"") else { throw FixtureError("no label") }
                rest.removeFirst(label.count + 2)
                labels[label] = try readQuoted(&rest)
                if rest.first == "," { rest.removeFirst() } else if rest.first != "}" { throw FixtureError("no end") }
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else { throw FixtureError("no value") }
        let suffixes = types[current] == "histogram" ? ["_bucket", "_sum", "_count"] : ["", "_sum", "_count"]
        guard suffixes.contains(where: { current + $0 == name }) || current == name else {
            throw FixtureError("not of the family \(current)")
        }
        if types[current] == "counter", value < 0 { throw FixtureError("a counter below 0") }
        guard samples.updateValue(value, forKey: Sample(name: name, labels: labels)) == nil else {
            throw FixtureError("the same sample twice")
        }
    }

    private func readQuoted(_ rest: inout Substring) throws -> String {
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\":
                guard let escaped = rest.popFirst() else { break }
                text.append(escaped == "n" ? "\n" : escaped)
            default: text.append(character)
            }
        }
        throw FixtureError("no closing quote")
    }
}
