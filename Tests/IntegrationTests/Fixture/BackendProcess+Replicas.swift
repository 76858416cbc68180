import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel

extension BackendProcess {
    var httpAddress: NetworkAddress { NetworkAddress(host: "127.0.0.1", port: daemon.port("webserver_port")) }

    /// As a CLONE names it as a source.
    var address: BackendAddress {
        BackendAddress(host: "127.0.0.1", bePort: agentAddress.port, httpPort: httpAddress.port)
    }

    func versionGraph(_ tablet: TabletID) throws -> VersionGraphView {
        try json("/api/tablets/\(tablet)/versions", as: VersionGraphView.self)
    }

    struct Clone: Decodable {
        var tabletID: Int64
        var isWhole: Bool
        var step: String
        var filesDone: Int
        var filesTotal: Int
        var bytesDone: Int64
        var bytesTotal: Int64
    }

    /// Clones under way.
    func clones() throws -> [Clone] { try json("/api/clones", as: [Clone].self) }

    /// Names under a folder of its data dir, folders and files at any depth; none when it is not there.
    func names(under folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: "\(storageFolder)/\(folder)")?.compactMap { $0 as? String } ?? [])
            .sorted()
    }

    /// The segment file of the visible rowset that begins at a version.
    func segmentFile(of tablet: TabletID, version: Int64) throws -> String {
        let graph = try versionGraph(tablet)
        guard let edge = graph.visible.first(where: { $0.start == version }),
            let name = try segmentFiles().first(where: { $0.contains("/\(edge.rowsetID)_0.dat") })
        else { throw FixtureError("\(daemon.name) has no segment of version \(version) of tablet \(tablet)") }
        return "\(storageFolder)/data/\(name)"
    }

    /// `/api/_tablet/_download` as a peer asks it.
    func download(
        _ path: String?, token: String?, method: HTTPMethod = .get, range: String? = nil
    ) throws -> HTTPResponse {
        var query: [String] = []
        if let token { query.append("token=\(escaped(token))") }
        if let path { query.append("file=\(escaped(path))") }
        return try request(
            method, "/api/_tablet/_download?" + query.joined(separator: "&"),
            headers: range.map { [HTTPHeader("Range", $0)] } ?? [])
    }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
