internal import TabletModel

/// The best row of pieces, one after the other without overlap: a longest path over the versions at which any piece
/// begins or ends. O(n log n) for n pieces.
struct PieceSearch {
    enum Piece: Hashable {
        case kept(Int)
        case taken(Int)
    }

    private struct Edge {
        var end: Int
        var range: VersionRange
        var bytes: Int64
        var piece: Piece
    }

    /// More versions up to the target, then more at all, then fewer bytes, then fewer pieces taken.
    private struct Score {
        var wanted: Int64 = 0
        var versions: Int64 = 0
        var bytes: Int64 = 0
        var taken = 0

        static func > (left: Score, right: Score) -> Bool {
            (left.wanted, left.versions, -left.bytes, -left.taken)
                > (right.wanted, right.versions, -right.bytes, -right.taken)
        }
    }

    private struct Reached {
        var score: Score
        var before: Int
        var piece: Piece?
    }

    private let must: VersionSet
    private let target: Version
    /// Ascending.
    private let boundaries: [Version]
    private var edges: [[Edge]]

    /// - Parameters:
    ///   - must: versions that the row has to hold.
    ///   - boundaries: every piece that will be added, and what `must` was made of.
    ///   - target: versions up to here count most; nil: all the same.
    init(must: VersionSet, boundaries ranges: [VersionRange], target: Version?) {
        self.must = must
        self.target = target ?? .none
        boundaries = Set(ranges.flatMap { [$0.start, $0.end.next] } + [0]).sorted()
        edges = Array(repeating: [], count: boundaries.count)
    }

    mutating func add(_ range: VersionRange, _ piece: Piece, bytes: Int64 = 0) {
        let edge = Edge(end: boundaries.lowerBound(of: range.end.next), range: range, bytes: bytes, piece: piece)
        edges[boundaries.lowerBound(of: range.start)].append(edge)
    }

    /// nil when every row lacks a version that must be held.
    func run() -> [Piece]? {
        var reached = [Reached?](repeating: nil, count: boundaries.count)
        reached[0] = Reached(score: Score(), before: -1, piece: nil)
        for index in boundaries.indices {
            guard let here = reached[index] else { continue }
            for edge in edges[index] {
                var score = here.score
                score.wanted += max(0, min(edge.range.end, target).rawValue - edge.range.start.rawValue + 1)
                score.versions += edge.range.count
                score.bytes += edge.bytes
                if case .taken = edge.piece { score.taken += 1 }
                Self.offer(Reached(score: score, before: index, piece: edge.piece), at: edge.end, in: &reached)
            }
            if index + 1 < boundaries.count, mayLack(boundaries[index]) {
                Self.offer(Reached(score: here.score, before: index, piece: nil), at: index + 1, in: &reached)
            }
        }
        return path(reached)
    }

    private static func offer(_ new: Reached, at index: Int, in reached: inout [Reached?]) {
        if let known = reached[index], !(new.score > known.score) { return }
        reached[index] = new
    }

    private func path(_ reached: [Reached?]) -> [Piece]? {
        guard var step = reached[boundaries.count - 1] else { return nil }
        var pieces: [Piece] = []
        while true {
            if let piece = step.piece { pieces.append(piece) }
            guard step.before >= 0, let before = reached[step.before] else { break }
            step = before
        }
        return pieces.reversed()
    }

    /// From one boundary to the next all versions are held now, or none.
    private func mayLack(_ version: Version) -> Bool { !must.contains(version) }
}
