import CurlHTTP
import Foundation
import ServerFixtures
import Testing

extension IntegrationTests {
    /// What scripts and managers ask of Doris' FE over HTTP.
    @Suite struct DorisFrontendRouteTests {
        private struct Envelope<Content: Decodable>: Decodable {
            var msg: String
            var code: Int
            var data: Content?
        }

        private struct Columns: Decodable {
            var column_names: [String]
            var rows: [[String?]]
        }

        @Test func aFrontendSaysThatItServesAndHowItStands() throws {
            try withCluster { cluster, ask in
                let plain = try ask(.get, "/api/bootstrap", nil)
                #expect(plain == #"{"code":0,"count":0,"data":null,"msg":"OK"}"# + "\n")
                struct Bootstrap: Decodable { var rpcPort: Int32 }
                let version = try String(
                    contentsOfFile: "\(cluster.frontend.folder)/meta/image/VERSION", encoding: .utf8)
                let pairs = version.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
                let identity = Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { $1 }
                let (id, token) = (try #require(identity["clusterId"]), try #require(identity["token"]))
                let known = try decode(
                    Bootstrap.self, try ask(.get, "/api/bootstrap?cluster_id=\(id)&token=\(token)", nil))
                #expect(known.code == 0 && known.data?.rpcPort == cluster.frontend.port("rpc_port"))
                let other = try decode(String.self, try ask(.get, "/api/bootstrap?cluster_id=\(id)&token=no", nil))
                #expect(other.code == 1 && other.data?.contains("not this cluster's") == true)

                _ = try cluster.control("create-database", "sales")
                let sizes = try decode(
                    [String: Int64].self, try ask(.get, "/api/show_meta_info?action=SHOW_DB_SIZE", nil))
                #expect(sizes.data?["sales"] == 0)
                let group = try decode([String: String].self, try ask(.get, "/api/show_meta_info?action=show_ha", nil))
                #expect(group.data?["role"] == "MASTER" && group.data?["is_ready"] == "true")
                #expect(group.data?["electable_nodes"] == "127.0.0.1")
                let unknown = try decode(String.self, try ask(.get, "/api/show_meta_info?action=weather", nil))
                #expect(unknown.code == 403 && unknown.data?.contains("weather") == true)
            }
        }

        @Test func nodesAndTheirConfigurationAreToldAndChanged() throws {
            try withCluster { cluster, ask in
                let base = "/rest/v2/manager/node"
                let backend = "127.0.0.1:\(cluster.backends[0].daemon.port("webserver_port"))"
                let nodes = try decode([String: [String]].self, try ask(.get, "\(base)/node_list", nil)).data
                #expect(nodes == ["frontend": [cluster.frontendAddress], "backend": [backend]])
                let names = try decode([String: [String]].self, try ask(.get, "\(base)/configuration_name", nil)).data
                #expect(names?["backend"]?.contains("be_port") == true)
                #expect(names?["frontend"]?.contains("http_port") == true)

                func value(of key: String) throws -> [[String?]] {
                    let body = #"{"conf_name": ["\#(key)"], "node": ["\#(backend)"]}"#
                    return try decode(Columns.self, try ask(.post, "\(base)/configuration_info?type=be", body)).data?
                        .rows ?? []
                }
                let key = "trash_file_expire_time_sec"
                #expect(try value(of: key) == [[key, backend, "BE", "int32_t", "259200", "true"]])
                let change =
                    #"{"\#(key)": {"node": ["\#(backend)"], "value": "7", "persist": "false"}, "#
                    + #""be_port": {"value": "1", "persist": false}}"#
                struct Failure: Decodable { var config_name, node, err_info: String }
                let failed = try decode([String: [Failure]].self, try ask(.post, "\(base)/set_config/be", change)).data
                #expect(failed?["failed"]?.map(\.config_name) == ["be_port"])
                #expect(failed?["failed"]?.first?.err_info.contains("restart") == true)
                #expect(try value(of: key).first?[4] == "7")

                let own = try decode(Columns.self, try ask(.post, "\(base)/configuration_info?type=fe", nil)).data
                #expect(own?.column_names.count == 7 && own?.rows.contains { $0[0] == "http_port" } == true)
                func ownRow(_ key: String) throws -> [String?] {
                    let body = #"{"conf_name": ["\#(key)"]}"#
                    let answer = try ask(.post, "\(base)/configuration_info?type=fe", body)
                    return try decode(Columns.self, answer).data?.rows.first ?? []
                }
                let limit = "max_running_txn_num_per_db"
                let both =
                    #"{"\#(limit)": {"value": "0", "persist": false}, "http_port": {"value": "1", "persist": false}}"#
                let refusedKeys = try decode([String: [Failure]].self, try ask(.post, "\(base)/set_config/fe", both))
                    .data
                #expect(refusedKeys?["failed"]?.map(\.config_name) == ["http_port", limit])
                let one = #"{"\#(limit)": {"value": "1", "persist": "true"}}"#
                let done = try decode([String: [Failure]].self, try ask(.post, "\(base)/set_config/fe", one)).data
                #expect(done?["failed"]?.isEmpty == true)
                #expect(try ownRow(limit).suffix(2) == ["1", "true"])
                _ = try cluster.frontend.stop()
                try cluster.frontend.start()
                #expect(try ownRow(limit).suffix(2) == ["1", "true"])
                // An FE asks nobody but its own backends.
                let elsewhere = #"{"node": ["127.0.0.1:1"]}"#
                let refused = try decode(String.self, try ask(.post, "\(base)/configuration_info?type=be", elsewhere))
                #expect(refused.code == 403 && refused.data?.contains("node_list") == true)
                for (path, word) in [("/DANCE/be", "DANCE"), ("/ADD/fe", "role")] {
                    let answer = try decode(
                        String.self, try ask(.post, base + path, #"{"hostPorts": ["127.0.0.1:1"]}"#))
                    #expect(answer.code == 403 && answer.data?.contains(word) == true, "\(path)")
                }
                let added = try decode(
                    String.self, try ask(.post, "\(base)/ADD/be", #"{"hostPorts": ["127.0.0.1:1"]}"#))
                #expect(added.code == 0 && added.data == nil)
                let again = try decode(
                    String.self, try ask(.post, "\(base)/ADD/be", #"{"hostPorts": ["127.0.0.1:1"]}"#))
                #expect(again.code == 1 && again.msg == "Error")
                let dropped = try decode(
                    String.self, try ask(.post, "\(base)/DROP/be", #"{"hostPorts": ["127.0.0.1:1"]}"#))
                #expect(dropped.code == 0)
            }
        }

        @Test func aChangedKeyOfTheFrontendWorksAtOnce() throws {
            try withCluster { cluster, ask in
                try cluster.createTable("t", buckets: 1, replicas: 1)
                let rows = try cluster.makeRows("rows.csv", count: 60_000)
                let change = #"{"load_max_bytes": {"value": "1048576", "persist": false}}"#
                _ = try ask(.post, "/rest/v2/manager/node/set_config/fe", change)
                let refused = try cluster.attempt(["load", "t", "--file", rows])
                #expect(refused.status != 0 && refused.error.contains("1048576"), "\(refused.error)")
                let back = #"{"load_max_bytes": {"value": "16777216", "persist": false}}"#
                _ = try ask(.post, "/rest/v2/manager/node/set_config/fe", back)
                #expect(try cluster.attempt(["load", "t", "--file", rows]).status == 0)
            }
        }

        @Test func theProcTreeIsWalkedByPath() throws {
            try withCluster { cluster, ask in
                struct Rows: Decodable {
                    var column_names: [String]
                    var href_columns: [String]
                    var rows: [Row]
                }
                struct Row: Decodable {
                    var Name: String?
                    var BackendId: String?
                    var __hrefPaths: [String]
                }
                let backends = try decode(Columns.self, try ask(.get, "/rest/v2/manager/node/backends", nil)).data
                let id = try #require(backends?.rows.first?.first ?? nil)
                #expect(backends?.column_names.first == "BackendId" && backends?.rows.count == 1)
                let shown = try decode([[String?]].self, try ask(.get, "/api/show_proc?path=/backends", nil)).data
                // But for the heartbeat's time, which goes on.
                #expect(shown?.first?.first == id && shown?.first?.count == backends?.column_names.count)
                let walked = try decode(Rows.self, try ask(.get, "/rest/v1/system?path=/backends", nil)).data
                #expect(walked?.column_names == backends?.column_names && walked?.rows.first?.BackendId == id)
                #expect(walked?.rows.first?.__hrefPaths == ["/rest/v1/system?path=/backends/\(id)"])
                let root = try decode([[String?]].self, try ask(.get, "/api/show_proc", nil)).data
                #expect(root?.contains { $0.first == "backends" } == true)
                let frontends = try decode(Columns.self, try ask(.get, "/rest/v2/manager/node/frontends", nil)).data
                #expect(frontends?.rows.count == 1)
                struct Sessions: Decodable { var column_names: [String] }
                let sessions = try decode(Sessions.self, try ask(.get, "/rest/v1/session", nil)).data
                #expect(sessions?.column_names.prefix(2) == ["Id", "User"])
                let unknown = try decode(String.self, try ask(.get, "/api/show_proc?path=/weather", nil))
                #expect(unknown.code == 1 && unknown.data?.contains("weather") == true)
            }
        }

        @Test func theVersionsOfAReplicaComeThroughTheFrontend() throws {
            try withCluster { cluster, ask in
                try cluster.createTable("t", buckets: 1, replicas: 1)
                struct Tablet: Decodable { var id: Int64 }
                let tablet = try #require(try cluster.decode([Tablet].self, "tablets", "t").first?.id)
                struct Backend: Decodable { var id: Int64 }
                let backend = try #require(try cluster.decode([Backend].self, "backends").first?.id)
                let through = try ask(.get, "/api/tablets/\(tablet)/versions?backend=\(backend)", nil)
                let direct = try cluster.backends[0].get("/api/tablets/\(tablet)/versions").body
                #expect(through == String(decoding: direct, as: UTF8.self))
                #expect(
                    try ask(.get, "/api/tablets/\(tablet)/versions?backend=1", nil).contains("no replica on backend 1"))
                #expect(try ask(.get, "/api/tablets/\(tablet)/versions", nil).contains("'backend' is missing"))
                cluster.backends[0].daemon.kill()
                #expect(
                    try ask(.get, "/api/tablets/\(tablet)/versions?backend=\(backend)", nil).contains("gave no answer"))
            }
        }

        private typealias Ask = (HTTPMethod, String, String?) throws -> String

        private func withCluster(_ body: (ProcessCluster, Ask) throws -> Void) throws {
            try ProcessCluster.run { cluster in
                let client = try HTTPClient()
                defer { client.shutdown() }
                try body(cluster) { method, path, body in
                    let answer = try client.execute(
                        HTTPRequest(
                            method, "http://\(cluster.frontendAddress)\(path)",
                            body: method == .get ? nil : .bytes(Array((body ?? "").utf8))))
                    return String(decoding: answer.body, as: UTF8.self)
                }
            }
        }

        private func decode<Content: Decodable>(_ type: Content.Type, _ text: String) throws -> Envelope<Content> {
            try JSONDecoder().decode(Envelope<Content>.self, from: Data(text.utf8))
        }
    }
}
