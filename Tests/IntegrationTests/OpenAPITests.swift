import CurlHTTP
import Foundation
import ServerFixtures
import Testing

extension IntegrationTests {
    /// The descriptions of both HTTP APIs, held against the routes of running daemons.
    @Suite struct OpenAPITests {
        @Test func everyRouteIsDescribedAndNothingElse() throws {
            try ProcessCluster.run { cluster in
                let backend = "127.0.0.1:\(cluster.backends[0].daemon.port("webserver_port"))"
                for (name, address) in [("fe", cluster.frontendAddress), ("be", backend)] {
                    let routes = try get([Route].self, "http://\(address)/api").map { "\($0.method) \($0.path)" }
                    #expect(routes.count > 25 && Set(routes).count == routes.count, "\(name)")
                    let file = try Description(ofFile: name)
                    let missing = Set(routes).subtracting(file.operations.keys).sorted()
                    #expect(missing == [], "docs/openapi-\(name).json lacks these routes")
                    let gone = Set(file.operations.keys).subtracting(routes).sorted()
                    #expect(gone == [], "docs/openapi-\(name).json describes what is not there")
                    #expect(try text("http://\(address)/api/openapi.json") == file.text, "\(name): served is another")
                }
            }
        }

        @Test(arguments: ["fe", "be"])
        func theDescriptionHoldsTogether(_ name: String) throws {
            let description = try Description(ofFile: name)
            #expect(description.document["openapi"] as? String == "3.1.0")
            var ids: Set<String> = []
            for (route, operation) in description.operations {
                #expect((operation["summary"] as? String)?.isEmpty == false, "\(route) has no summary")
                let id = operation["operationId"] as? String ?? ""
                #expect(!id.isEmpty && ids.insert(id).inserted, "\(route): the operationId '\(id)' is not its own")
                let parameters = operation["parameters"] as? [[String: Any]] ?? []
                let inPath = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
                let wanted = route.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first }
                #expect(inPath == wanted.map(String.init), "\(route)")
                let names = parameters.compactMap { $0["name"] as? String }
                #expect(Set(names).count == parameters.count, "\(route)")
                let responses = operation["responses"] as? [String: Any]
                #expect(responses?["200"] != nil && responses?["default"] != nil, "\(route)")
            }
            for reference in Self.references(in: description.document) {
                var place: Any? = description.document
                for part in reference.split(separator: "/").dropFirst() {
                    place = (place as? [String: Any])?[String(part)]
                }
                #expect(place != nil, "\(reference) leads nowhere")
            }
        }

        private static func references(in value: Any) -> [String] {
            switch value {
            case let object as [String: Any]:
                object.flatMap { key, inner in
                    if key == "$ref", let text = inner as? String { [text] } else { references(in: inner) }
                }
            case let list as [Any]: list.flatMap { references(in: $0) }
            default: []
            }
        }

        private struct Route: Decodable {
            var method: String
            var path: String
        }

        private struct Description {
            let text: String
            let document: [String: Any]
            /// By method and path.
            let operations: [String: [String: Any]]

            init(ofFile name: String) throws {
                let path = ServerBinary.packageRoot + "/docs/openapi-\(name).json"
                text = try String(contentsOfFile: path, encoding: .utf8)
                let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
                document = try #require(parsed as? [String: Any])
                let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
                let all = paths.flatMap { path, methods in methods.map { ("\($0.key.uppercased()) \(path)", $0.value) }
                }
                operations = Dictionary(all) { first, _ in first }
            }
        }

        private func text(_ url: String) throws -> String {
            let client = try HTTPClient()
            defer { client.shutdown() }
            let answer = try client.execute(HTTPRequest(.get, url))
            guard answer.isSuccess else { throw FixtureError("GET \(url): \(answer.status)") }
            return String(decoding: answer.body, as: UTF8.self)
        }

        private func get<Value: Decodable>(_ type: Value.Type, _ url: String) throws -> Value {
            try JSONDecoder().decode(type, from: Data(try text(url).utf8))
        }
    }
}
