internal import SQLGrammar
internal import SQLSessions

/// Properties of a statement, taken one by one; what nobody took is refused.
struct Properties {
    private var left: [String: SQLSecret]
    private let names: [String: String]

    init(_ properties: [SQLProperty]) {
        left = Dictionary(properties.map { ($0.key.lowercased(), $0.value) }) { $1 }
        names = Dictionary(properties.map { ($0.key.lowercased(), $0.key) }) { $1 }
    }

    /// The first of some names of one property that is there.
    mutating func take(_ keys: String...) throws(SQLError) -> String? {
        var found: String?
        for key in keys {
            guard let value = left.removeValue(forKey: key.lowercased()) else { continue }
            if found != nil { throw Self.wrong("\(keys.joined(separator: " and ")) are the same property: give one") }
            found = value.value
        }
        return found
    }

    mutating func require(_ keys: String...) throws(SQLError) -> String {
        for key in keys { if let value = left.removeValue(forKey: key.lowercased()) { return value.value } }
        throw Self.wrong("the property \"\(keys[0])\" is missing")
    }

    mutating func number(_ keys: String...) throws(SQLError) -> Int64? {
        for key in keys {
            guard let value = left.removeValue(forKey: key.lowercased()) else { continue }
            guard let number = Int64(value.value) else { throw Self.wrong("the property \"\(key)\" is a whole number") }
            return number
        }
        return nil
    }

    mutating func bool(_ keys: String...) throws(SQLError) -> Bool? {
        for key in keys {
            guard let value = left.removeValue(forKey: key.lowercased()) else { continue }
            switch value.value.lowercased() {
            case "true", "1": return true
            case "false", "0": return false
            default: throw Self.wrong("the property \"\(key)\" is true or false")
            }
        }
        return nil
    }

    /// Takes properties that mean nothing here.
    mutating func ignore(_ keys: String...) { for key in keys { left[key.lowercased()] = nil } }

    /// - Throws: for those that nobody took.
    func end(_ known: String) throws(SQLError) {
        guard let first = left.keys.min() else { return }
        throw Self.wrong("there is no property \"\(names[first] ?? first)\"; there are \(known)")
    }

    static func wrong(_ message: String) -> SQLError { SQLError(1210, "HY000", message) }
}
