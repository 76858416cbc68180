internal import HTTPAPI
internal import StorageEngine
internal import TabletModel

extension VersionGraphView {
    init(_ graph: TabletVersionGraph) {
        self.init(
            tabletID: graph.tabletID.rawValue, maxVersion: graph.maxVersion.rawValue,
            maxContinuousVersion: graph.maxContinuousVersion.rawValue, held: graph.held.map { Range($0) },
            missing: graph.missing.map { Range($0) }, visible: graph.visible.map { Edge($0) },
            stalePaths: graph.stalePaths.map { path in
                Path(id: path.id, staleAtMs: path.staleAt.milliseconds, edges: path.edges.map { Edge($0) })
            })
    }
}

extension VersionGraphView.Range {
    init(_ range: VersionRange) { self.init(start: range.start.rawValue, end: range.end.rawValue) }
}

extension VersionGraphView.Edge {
    init(_ edge: TabletVersionGraph.Edge) {
        self.init(
            rowsetID: edge.rowsetID.description, start: edge.versions.start.rawValue, end: edge.versions.end.rawValue,
            rows: edge.rowCount, bytes: edge.sizeBytes, isRemote: edge.isRemote)
    }
}
