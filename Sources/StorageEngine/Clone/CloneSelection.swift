internal import StoredFormats
internal import TabletModel

/// What to take from which of several sources, as one `ClonePlan` over all that they offer.
///
/// Planned over all sources together, replicas whose gaps differ repair a tablet whenever any choice of their rowsets does.
/// Remote rowsets are taken of one source only, the one that has the most: two prefixes uploaded under different terms need
/// not be made of the same objects.
struct CloneSelection {
    struct Taken {
        var source: Int
        var rowset: RowsetMeta
    }

    /// In version order.
    let taken: [Taken]
    /// Indices into the own rowsets.
    let replaced: [Int]
    let held: VersionSet
    /// Where remote rowsets, and with them the cooldown meta id, come from. nil: none is taken or given up.
    let remoteSource: Int?

    init(own: [RowsetMeta], sources: [SnapshotHeader], upTo target: Version?) {
        func remoteEnd(_ header: SnapshotHeader) -> Version {
            header.rowsets.last { $0.isRemote }?.versions.end ?? .none
        }
        let coldest = sources.indices.max { (remoteEnd(sources[$0]), $1) < (remoteEnd(sources[$1]), $0) }
        let offers = sources.indices.flatMap { index in
            sources[index].rowsets.filter { !$0.isRemote || index == coldest }.map { Taken(source: index, rowset: $0) }
        }
        let plan = ClonePlan.make(
            own: own.map { ClonePiece($0) }, offered: offers.map { ClonePiece($0.rowset) }, upTo: target)
        taken = plan.take.map { offers[$0] }
        replaced = plan.replace
        held = plan.held
        let takesRemote = taken.first { $0.rowset.isRemote }?.source
        let givesUpRemote = replaced.contains { own[$0].isRemote }
        remoteSource = takesRemote ?? (givesUpRemote ? taken.first?.source : nil)
    }

    func missing(upTo target: Version?) -> VersionSet { target.map { held.missing(upTo: $0) } ?? VersionSet() }

    /// Local rowsets to fetch from a source.
    func files(of source: Int) -> [RowsetMeta] {
        taken.filter { $0.source == source && !$0.rowset.isRemote }.map(\.rowset)
    }
}
