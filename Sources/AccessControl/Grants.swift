/// A right on all databases or on one, by its name: it holds for whatever has the name.
public struct Grant: Hashable, Sendable, Comparable {
    public var right: Right
    /// nil: all.
    public var database: String?

    public init(_ right: Right, on database: String? = nil) {
        self.right = right
        self.database = database
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.database.map { "=" + $0 } ?? "", a.right) < (b.database.map { "=" + $0 } ?? "", b.right)
    }
}

/// What somebody may do: at most one right on all databases, and one on each.
public struct Grants: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// In order.
    public private(set) var all: [Grant] = []

    public init(_ grants: some Sequence<Grant>) {
        for grant in grants { give(grant) }
    }

    public init(arrayLiteral grants: Grant...) { self.init(grants) }

    /// A right that holds already changes nothing; it takes the place of a lower one on the same.
    public mutating func give(_ grant: Grant) {
        guard !all.contains(where: { $0.database == grant.database && $0.right >= grant.right }) else { return }
        all.removeAll { $0.database == grant.database }
        all.append(grant)
        all.sort()
    }

    /// Takes back the right and those above it on the same: whoever loses LOAD keeps READ.
    /// - Returns: whether there was anything to take.
    @discardableResult
    public mutating func take(_ grant: Grant) -> Bool {
        guard let place = all.firstIndex(where: { $0.database == grant.database && $0.right >= grant.right }) else {
            return false
        }
        if let lower = Right(rawValue: grant.right.rawValue - 1) {
            all[place].right = lower
        } else {
            all.remove(at: place)
        }
        return true
    }

    /// - Parameter database: nil asks for the right on all of them.
    public func allow(_ right: Right, on database: String?) -> Bool {
        all.contains { $0.right >= right && ($0.database == nil || $0.database == database) }
    }

    /// Whether there is anything on which the right holds.
    public func allowAnywhere(_ right: Right) -> Bool { all.contains { $0.right >= right } }
}
