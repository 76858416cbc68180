import HTTPAPI
import TabletModel

/// What is drawn of a tablet: each replica's versions over one common scale, so that gaps can be compared down the page.
struct TabletPicture {
    var tabletID: Int64
    var table: String
    var visibleVersion: Int64
    var replicas: [ReplicaPicture]

    /// The last version on the scale.
    var top: Int64 { max(0, visibleVersion, replicas.compactMap { $0.graph?.maxVersion }.max() ?? 0) }

    func scale(columns: Int, widest: Int = 12) -> VersionScale {
        var bounds: [Int64] = []
        for replica in replicas {
            guard let graph = replica.graph else { continue }
            let edges = graph.visible + graph.stalePaths.flatMap(\.edges)
            for edge in edges { bounds += [edge.start, edge.end + 1] }
            for gap in gaps(of: graph).ranges { bounds += [gap.start.rawValue, gap.end.rawValue + 1] }
        }
        return VersionScale(bounds: bounds, top: top, columns: columns, widest: widest)
    }

    /// What a replica lacks: holes below its newest version, and what it is behind the visible one.
    func gaps(of graph: VersionGraphView) -> VersionSet { graph.gaps(upTo: visibleVersion) }
}

/// One replica of a picture.
struct ReplicaPicture {
    var replicaID: Int64
    var backendID: Int64
    /// host:port of the backend's HTTP.
    var address: String
    /// nil when the backend could not be asked.
    var graph: VersionGraphView?
    /// Why it could not.
    var problem = ""

    /// - Parameter graph: as a backend sent it; ranges that are none are left out.
    init(replicaID: Int64, backendID: Int64, address: String, graph: VersionGraphView) {
        self.replicaID = replicaID
        self.backendID = backendID
        self.address = address
        var graph = graph
        graph.maxVersion = min(graph.maxVersion, largestVersion)
        graph.held.removeAll { !(0 <= $0.start && $0.start <= $0.end && $0.end <= largestVersion) }
        graph.visible.removeAll { !$0.isRange }
        for index in graph.stalePaths.indices { graph.stalePaths[index].edges.removeAll { !$0.isRange } }
        graph.stalePaths.removeAll(where: \.edges.isEmpty)
        self.graph = graph
    }

    init(replicaID: Int64, backendID: Int64, address: String, problem: String) {
        self.replicaID = replicaID
        self.backendID = backendID
        self.address = address
        self.problem = problem
    }
}

/// No tablet gets there; drawing counts beyond it without overflow.
private let largestVersion = Int64(1) << 60

extension VersionGraphView {
    var heldVersions: VersionSet {
        VersionSet(held.compactMap { VersionRange(checking: Version($0.start), Version($0.end)) })
    }

    /// Holes below the newest version, and what it is behind the visible one.
    func gaps(upTo visible: Int64) -> VersionSet { heldVersions.missing(upTo: Version(max(visible, maxVersion))) }
}

extension VersionGraphView.Edge {
    var isRange: Bool { 0 <= start && start <= end && end <= largestVersion }
    var label: String { start == end ? "\(start)" : "\(start)-\(end)" }
}

extension VersionGraphView.Path {
    var label: String { "\(edges.map(\.start).min() ?? 0)-\(edges.map(\.end).max() ?? 0)" }
}

extension VersionSet {
    /// For a column of a table: at most `limit` ranges, the middle ones counted only.
    func brief(_ limit: Int = 6) -> String {
        guard ranges.count > limit, limit >= 2 else { return description }
        let head = VersionSet(ranges.prefix(limit - 1))
        let tail = VersionSet(ranges.suffix(1))
        return "\(head), … \(ranges.count - limit) more …, \(tail)"
    }
}
