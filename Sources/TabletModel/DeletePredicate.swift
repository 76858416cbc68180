internal import Synchronization

/// The conditions of one delete, all of which hold for a row that goes. It stands in a rowset without rows, at the version
/// of the delete: readers of that version or a later one don't see the rows of lower versions for which it holds.
///
/// A reference, since every tablet of a table keeps the same one; `shared` gives equal ones one storage.
public final class DeletePredicate: Hashable, Sendable {
    public let conditions: [DeleteCondition]

    private init(_ conditions: [DeleteCondition]) { self.conditions = conditions }

    public static func == (one: DeletePredicate, other: DeletePredicate) -> Bool {
        one === other || one.conditions == other.conditions
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(conditions) }

    // MARK: One storage for equal ones

    private struct Known: ~Copyable {
        var predicates: [Int: [Weak]] = [:]
        /// Entries, among them some whose predicate is gone, and how many make it worth to look for those.
        var count = 0
        var sweepAt = 64
    }

    private struct Weak {
        weak let predicate: DeletePredicate?
    }

    private static let known = Mutex(Known())

    /// The predicate of these conditions that is in use already, or a new one. Nothing keeps one that nobody uses.
    public static func shared(_ conditions: [DeleteCondition]) -> DeletePredicate {
        let hash = conditions.hashValue
        return known.withLock { known in
            for entry in known.predicates[hash] ?? [] {
                if let found = entry.predicate, found.conditions == conditions { return found }
            }
            if known.count >= known.sweepAt {
                known.predicates = known.predicates.compactMapValues { entries in
                    let used = entries.filter { $0.predicate != nil }
                    return used.isEmpty ? nil : used
                }
                known.count = known.predicates.values.reduce(0) { $0 + $1.count }
                known.sweepAt = max(64, known.count * 2)
            }
            let new = DeletePredicate(conditions)
            known.predicates[hash, default: []].append(Weak(predicate: new))
            known.count += 1
            return new
        }
    }
}

extension DeletePredicate: CustomStringConvertible {
    /// For people: `a = 'x' AND b IN ('1', '2', … 9,998 more)`, cut where it gets long.
    public var description: String { DeleteCondition.words(conditions, limit: 200) }
}

extension DeleteCondition {
    /// Conditions as a person would write them, at most about `limit` bytes of them.
    public static func words(_ conditions: [DeleteCondition], limit: Int) -> String {
        var text = ""
        for (place, condition) in conditions.enumerated() {
            if text.utf8.count >= limit { return text + " AND \(conditions.count - place) more" }
            if place > 0 { text += " AND " }
            condition.append(to: &text, limit: limit)
        }
        return text
    }

    private func append(to text: inout String, limit: Int) {
        func quoted(_ value: String) -> String {
            let room = max(16, limit - text.utf8.count)
            let shown = value.utf8.count > room ? String(value.prefix(room)) + "…" : value
            return "'" + shown.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        }
        let word: String
        switch operation.uppercased() {
        case "*=", "IN": word = "IN"
        case "!*=", "NOT IN": word = "NOT IN"
        default: word = operation.uppercased()
        }
        text += Self.name(column) + " " + word + " "
        if word == "IS" {
            text += values.first?.uppercased() ?? ""
        } else if word.hasSuffix("IN") {
            text += "("
            for (place, value) in values.enumerated() {
                if place > 0 { text += ", " }
                if text.utf8.count >= limit {
                    text += "… \(values.count - place) more"
                    break
                }
                text += quoted(value)
            }
            text += ")"
        } else {
            text += quoted(values.first ?? "")
        }
    }

    /// A name that is no plain word stands between backticks.
    private static func name(_ column: String) -> String {
        let isWord = column.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
            default: false
            }
        }
        return isWord && !column.isEmpty ? column : "`\(column)`"
    }
}
