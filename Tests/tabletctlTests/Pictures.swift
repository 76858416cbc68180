import Foundation
import HTTPAPI

@testable import tabletctl

/// A graph of these rowsets, `remote` of them in the object store, and these stale paths.
func graph(
    _ ranges: [(Int64, Int64)], remote: Int = 0, stale: [[(Int64, Int64)]] = [], staleAtMs: Int64 = 0
) -> VersionGraphView {
    let edges = ranges.enumerated().map { index, range in edge(range, isRemote: index < remote) }
    return VersionGraphView(
        tabletID: 10012, maxVersion: ranges.map(\.1).max() ?? -1, maxContinuousVersion: -1,
        held: ranges.map { .init(start: $0.0, end: $0.1) }, missing: [], visible: edges,
        stalePaths: stale.enumerated().map { index, path in
            .init(id: Int64(index + 1), staleAtMs: staleAtMs, edges: path.map { edge($0) })
        })
}

func edge(_ range: (Int64, Int64), isRemote: Bool = false) -> VersionGraphView.Edge {
    .init(
        rowsetID: "02\(range.0)", start: range.0, end: range.1,
        rows: range.1 < 1 << 40 ? 10 * (range.1 - range.0 + 1) : 0, bytes: 1024,
        isRemote: isRemote)
}

func picture(visible: Int64, _ graphs: [VersionGraphView?]) -> TabletPicture {
    TabletPicture(
        tabletID: 10012, table: "default.flights", visibleVersion: visible,
        replicas: graphs.enumerated().map { index, graph in
            let id = Int64(index + 1)
            let address = "127.0.0.1:804\(index)"
            return graph.map {
                ReplicaPicture(replicaID: 100 + id, backendID: id, address: address, graph: $0)
            } ?? ReplicaPicture(replicaID: 100 + id, backendID: id, address: address, problem: "refused <by> & \"it\"")
        })
}

/// A view of the FE's API, as it comes over HTTP.
func view<View: Decodable>(_ type: View.Type, _ json: String) throws -> View {
    try JSONDecoder().decode(type, from: Data(json.utf8))
}

func replicaJSON(
    id: Int64 = 101, backend: Int64 = 1, version: Int64 = 7, isHealthy: Bool = false, isBad: Bool = false,
    state: String = "NORMAL", reason: String = "it missed version 8", since: Int64 = 40_000
) -> String {
    """
    {"id":\(id),"backendID":\(backend),"host":"127.0.0.1","bePort":9060,"httpPort":8040,"version":\(version),
     "lastFailedVersion":8,"lastSuccessVersion":7,"state":"\(state)","isBad":\(isBad),"isHealthy":\(isHealthy),
     "rowCount":300,"localBytes":2048,"remoteBytes":0,"versionCount":4,"reportedCooldownTerm":-1,
     "isCooldownReplica":false,"isCold":false,"reason":"\(reason)","unhealthySinceMs":\(since)}
    """
}

func taskJSON(
    state: String, message: String = "", copied: Int64 = 0, started: Int64 = 0, ended: Int64 = 0,
    destination: String = "null"
) -> String {
    """
    {"tabletID":10012,"table":{"database":"default","table":"flights"},"status":"VERSION_INCOMPLETE",
     "priority":"HIGH","state":"\(state)","sourceBackendIDs":[2,3],"destinationBackendID":\(destination),
     "attempts":1,"createdMs":10000,"startedMs":\(started),"endedMs":\(ended),"copiedBytes":\(copied),
     "message":"\(message)"}
    """
}
