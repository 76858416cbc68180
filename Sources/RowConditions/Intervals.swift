internal import TabletModel

/// What can be the edge of an interval: there is a least value, and a next one after each.
protocol IntervalEdge: Comparable, Hashable, Sendable {
    static var least: Self { get }
    /// The least value above this one.
    var next: Self { get }
}

/// A set of values of one column, as the edges where it begins and ends by turns: a value is in it when an odd number of edges
/// is not above it. Every comparison with a value is such a set, and so is what several of them hold for, together or one of
/// them.
struct Intervals<Edge: IntervalEdge>: Hashable, Sendable {
    /// Ascending, none twice.
    let edges: [Edge]

    private init(edges: [Edge]) { self.edges = edges }

    static var none: Intervals { Intervals(edges: []) }
    static var all: Intervals { Intervals(edges: [.least]) }

    /// The value and no other.
    init(_ value: Edge) { edges = [value, value.next] }
    /// The values, however often each is given, and no other.
    init(_ values: some Sequence<Edge>) {
        var edges: [Edge] = []
        for value in Set(values).sorted() {
            // Where two values touch, the one's end and the other's beginning go.
            if edges.last == value { edges.removeLast() } else { edges.append(value) }
            edges.append(value.next)
        }
        self.edges = edges
    }
    init(below value: Edge) { edges = value == .least ? [] : [.least, value] }
    init(from value: Edge) { edges = [value] }

    var isEmpty: Bool { edges.isEmpty }

    /// All other values.
    var complement: Intervals {
        Intervals(edges: edges.first == .least ? Array(edges.dropFirst()) : [.least] + edges)
    }

    func contains(_ value: Edge) -> Bool { edges.partitionPoint { $0 <= value } % 2 == 1 }

    /// What is in at least one of the sets.
    static func union(_ sets: [Intervals]) -> Intervals { covered(sets, by: 1) }
    /// What is in each of the sets.
    static func intersection(_ sets: [Intervals]) -> Intervals { covered(sets, by: sets.count) }

    private static func covered(_ sets: [Intervals], by wanted: Int) -> Intervals {
        if sets.count == 1 { return sets[0] }
        let steps = sets.flatMap { set in set.edges.enumerated().map { (edge: $1, step: $0 % 2 == 0 ? 1 : -1) } }
            .sorted { $0.edge < $1.edge }
        var edges: [Edge] = []
        var (depth, isInside) = (0, false)
        for (index, (edge, step)) in steps.enumerated() {
            depth += step
            // Only when all that happens at one edge has happened.
            guard index + 1 == steps.count || steps[index + 1].edge != edge else { continue }
            if (depth >= wanted) != isInside {
                edges.append(edge)
                isInside.toggle()
            }
        }
        return Intervals(edges: edges)
    }
}
