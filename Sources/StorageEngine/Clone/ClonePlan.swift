internal import TabletModel

/// One rowset as planning sees it.
struct ClonePiece: Hashable, Sendable {
    var versions: VersionRange
    /// To fetch; nothing for a remote rowset.
    var bytes: Int64
    var isRemote: Bool

    init(_ versions: VersionRange, bytes: Int64 = 0, isRemote: Bool = false) {
        self.versions = versions
        self.bytes = bytes
        self.isRemote = isRemote
    }

    init(_ meta: RowsetMeta) {
        self.init(meta.versions, bytes: meta.isRemote ? 0 : meta.sizeBytes, isRemote: meta.isRemote)
    }
}

/// Which rowsets of a source to take, and which of the own ones they replace.
///
/// A pure function. Of all sets of rowsets that do not overlap, own ones and offered ones, it picks one that
/// - holds every version that is held now: nothing is lost, whatever the source lacks;
/// - lacks the fewest versions up to the target, then holds the most versions at all;
/// - fetches the fewest bytes, then the fewest rowsets.
///
/// So own rowsets are replaced by a wider offered one only as an aligned run, and replicas with different gaps that hold
/// everything together repair each other, one source after the other.
///
/// Remote rowsets of a replica must stay a prefix [0-v]. Hence three ways, of which the best result wins: the own remote
/// prefix stays and local rowsets are taken after it; the source's longer remote prefix is taken whole, with local rowsets
/// after it; or everything is the source's.
struct ClonePlan: Hashable {
    /// Indices into the offered pieces, in version order.
    var take: [Int] = []
    /// Indices into the own pieces.
    var replace: [Int] = []
    /// What is held once it is done.
    var held = VersionSet()

    static func make(own: [ClonePiece], offered: [ClonePiece], upTo target: Version?) -> ClonePlan {
        let ownRemoteEnd = own.last { $0.isRemote }?.versions.end ?? .none
        let remoteEnd = offered.last { $0.isRemote }?.versions.end ?? .none
        let all = Array(offered.indices)

        var ways = [
            best(
                own: own, keeping: Array(own.indices), offered: offered,
                among: all.filter { !offered[$0].isRemote && offered[$0].versions.start > ownRemoteEnd }, upTo: target)
        ]
        if remoteEnd > ownRemoteEnd {
            let kept = own.indices.filter { own[$0].versions.start > remoteEnd }
            let among = all.filter { offered[$0].isRemote || offered[$0].versions.start > remoteEnd }
            ways.append(best(own: own, keeping: Array(kept), offered: offered, among: among, upTo: target))
        }
        ways.append(best(own: own, keeping: [], offered: offered, among: all, upTo: target))

        func rank(_ plan: ClonePlan) -> (Int64, Int64, Int64) {
            let missing = target.map { plan.held.missing(upTo: $0).versionCount } ?? 0
            return (missing, -plan.held.versionCount, plan.take.reduce(0) { $0 + offered[$1].bytes })
        }
        let found = ways.compactMap { $0 }
        // None, when a remote rowset stands behind a local one already: such a tablet is left as it is.
        guard let first = found.first else { return ClonePlan(held: VersionSet(own.lazy.map(\.versions))) }
        return found.dropFirst().reduce(first) { rank($1) < rank($0) ? $1 : $0 }
    }

    /// The pieces that together hold the most, with nothing to lose.
    static func cover(_ offered: [ClonePiece]) -> ClonePlan {
        best(own: [], keeping: [], offered: offered, among: Array(offered.indices), upTo: nil) ?? ClonePlan()
    }

    /// nil when every way loses a version, or the best one leaves a remote rowset behind a local one.
    private static func best(
        own: [ClonePiece], keeping kept: [Int], offered: [ClonePiece], among: [Int], upTo target: Version?
    ) -> ClonePlan? {
        var search = PieceSearch(
            must: VersionSet(own.lazy.map(\.versions)),
            boundaries: own.map(\.versions) + among.map { offered[$0].versions }, target: target)
        for index in kept { search.add(own[index].versions, .kept(index)) }
        for index in among { search.add(offered[index].versions, .taken(index), bytes: offered[index].bytes) }
        guard let chosen = search.run() else { return nil }
        var plan = ClonePlan()
        var ranges: [VersionRange] = []
        var stays: Set<Int> = []
        var hasLocal = false
        for piece in chosen {
            let one: ClonePiece
            switch piece {
            case .kept(let index):
                stays.insert(index)
                one = own[index]
            case .taken(let index):
                plan.take.append(index)
                one = offered[index]
            }
            if one.isRemote, hasLocal { return nil }
            hasLocal = hasLocal || !one.isRemote
            ranges.append(one.versions)
        }
        plan.replace = own.indices.filter { !stays.contains($0) }
        plan.held = VersionSet(ranges)
        return plan
    }
}

extension VersionSet {
    var versionCount: Int64 { ranges.reduce(0) { $0 + $1.count } }
}
