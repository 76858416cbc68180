import CurlHTTP
import Foundation
import TabletModel

/// Asks another FE who this one is, and which cluster theirs is (`contract/behaviour.md §8`). Blocking.
struct PeerClient: Sendable {
    /// There is no answer that helps, and there may be one later.
    struct NotYet: Error, CustomStringConvertible {
        let description: String
    }

    let http: HTTPClient

    /// What the cluster has registered at the address.
    func role(of address: NetworkAddress, from helper: String) throws -> (role: String, name: String) {
        let response = try get("/role?host=\(address.host)&port=\(address.port)", from: helper)
        guard let role = response.header("role"), let name = response.header("name") else {
            throw refusal(response, of: helper)
        }
        guard role != "UNKNOWN" else { throw NotYet(description: "\(helper) knows no frontend at \(address)") }
        return (role, name)
    }

    func version(from helper: String) throws -> (clusterID: Int32, token: String) {
        let response = try get("/version", from: helper)
        var values: [Substring: Substring] = [:]
        for line in String(decoding: response.body, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let id = values["clusterId"].flatMap({ Int32($0) }), let token = values["token"] else {
            throw refusal(response, of: helper)
        }
        return (id, String(token))
    }

    /// Log id of the newest image there.
    func imageLogID(from peer: String, token: String) throws -> Int64 {
        struct Answer: Decodable {
            struct Summary: Decodable { var imageSeq: Int64 }
            var data: Summary?
        }
        let response = try get("/info", from: peer, token: token)
        guard let data = try? JSONDecoder().decode(Answer.self, from: Data(response.body)).data else {
            throw refusal(response, of: peer)
        }
        return data.imageSeq
    }

    /// Has the frontend fetch an image from `port` of this host. Returns once it has one that covers as much.
    func offer(_ logID: Int64, to peer: String, port: Int, token: String) throws {
        struct Answer: Decodable {
            var code: Int
            var msg: String
        }
        if try imageLogID(from: peer, token: token) >= logID { return }
        let response = try get(
            "/put?version=\(logID)&port=\(port)", from: peer, token: token, within: .seconds(600))
        let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body))
        guard answer.code == 0 else { throw PeerError("\(peer) says: \(answer.msg)") }
    }

    private func get(
        _ path: String, from helper: String, token: String? = nil, within limit: Duration = .seconds(5)
    ) throws -> HTTPResponse {
        let headers = token.map { [HTTPHeader("token", $0)] } ?? []
        var request = HTTPRequest(.get, "cluster://\(helper)\(path)", headers: headers, responseLimitBytes: 1 << 16)
        request.timeouts.connect = .seconds(2)
        request.timeouts.answer = limit
        do {
            return try http.execute(request)
        } catch {
            throw NotYet(description: "\(helper) gives no answer: \(error.message)")
        }
    }

    /// Errors come with 200 and a sentence.
    private func refusal(_ response: HTTPResponse, of helper: String) -> any Error {
        let said = String(decoding: response.body.prefix(300), as: UTF8.self)
        return NotYet(
            description:
                "\(helper) tells nothing (HTTP \(response.status)): \(said); its frontend_peers must name this host's address"
        )
    }
}
