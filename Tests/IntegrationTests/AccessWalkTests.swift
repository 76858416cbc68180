import AccessControl
import BackendHTTP
import CurlHTTP
import Foundation
import HTTPAPI
import MasterHTTP
import ServerFixtures
import StatusHTTP
import TabletModel
import Testing

extension IntegrationTests {
    /// Every route of both daemons, asked by everybody: docs/security.md is the table that this walks.
    @Suite struct AccessWalkTests {
        private enum Who: String, CaseIterable {
            case nobody, stranger, wrongPassword, reader, loader, owner, admin
        }

        private let http: HTTPClient

        init() throws {
            http = try HTTPClient(configuration: HTTPClientConfiguration(name: "walk", userAgent: "walk"))
        }

        /// What somebody may of a route: whether it lets them in.
        private func isLetIn(_ who: Who, _ right: RouteRight) -> Bool {
            let grants: Grants? =
                switch who {
                case .nobody, .stranger, .wrongPassword: nil
                case .reader: [Grant(.read)]
                case .loader: [Grant(.load, on: "d")]
                case .owner: [Grant(.admin, on: "d")]
                case .admin: [Grant(.admin)]
                }
            switch right {
            case .open, .own: return true
            case .anyone: return grants != nil
            case .cluster(let right): return grants?.allow(right, on: nil) ?? false
            case .database(let right): return grants?.allow(right, on: "d") ?? false
            case .named(let right): return grants?.allowAnywhere(right) ?? false
            }
        }

        private func headers(_ who: Who) -> [HTTPHeader] {
            func basic(_ user: String, _ password: String) -> HTTPHeader {
                HTTPHeader("Authorization", "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
            }
            switch who {
            case .nobody: return []
            case .stranger:
                return [HTTPHeader("token", "of-another-cluster"), HTTPHeader(AccessMiddleware.speaksFor, "root")]
            case .wrongPassword: return [basic("reader", "wrong")]
            case .reader, .loader, .owner: return [basic(who.rawValue, who.rawValue)]
            case .admin: return [basic("root", "of root")]
            }
        }

        private func ask(_ method: String, _ path: String, _ port: Int32, _ who: Who) throws -> Int {
            var request = HTTPRequest(
                HTTPMethod(rawValue: method) ?? .get, "http://127.0.0.1:\(port)\(path)",
                headers: headers(who) + [HTTPHeader("Content-Type", "application/json")],
                body: method == "GET" || method == "DELETE" ? nil : .bytes(Array("{}".utf8)),
                responseLimitBytes: 16 << 20)
            request.timeouts.answer = .seconds(30)
            return try http.execute(request).status
        }

        /// Names that are nowhere: nothing is changed by who may.
        private func concrete(_ path: String) -> String {
            path.replacing("{database}", with: "d").replacing("{id}", with: "999999")
                .replacing("{tablet_id}", with: "999999").replacing("{transaction}", with: "999999")
                .replacing("{tablet}", with: "999999").replacing("{address}", with: "127.0.0.1:1")
                .replacing("{user}", with: "nobody").replacing(/\{[a-z]+\}/, with: "nowhere")
        }

        private func walk(_ rights: RouteRights, port: Int32) throws {
            // A database that is dropped is none for the next row.
            for (row, right) in rights.rows.sorted(by: { $0.key < $1.key })
            where row != "DELETE /api/databases/{database}" {
                let parts = row.split(separator: " ")
                let path = concrete(String(parts[1]))
                // Each wrong password makes the next one wait; some are enough.
                for who in Who.allCases where who != .wrongPassword || path.hasPrefix("/api/s") {
                    let status = try ask(String(parts[0]), path, port, who)
                    // Past the door a route may still miss what the request names, or a token of its own.
                    if right == .own { continue }
                    let isIn = status != 401 && status != 429 && status != 403
                    let wanted = isLetIn(who, right)
                    // A handler that asks for the right on what is named refuses it with 403.
                    let isNamed = if case .named = right { true } else { path.contains("/password") }
                    #expect(isIn == wanted || (isNamed && wanted && status == 403), "\(row) by \(who): \(status)")
                    if !wanted { #expect([401, 403, 429].contains(status), "\(row) by \(who): \(status)") }
                }
            }
        }

        @Test func everyRouteAsksWhoIsThere() throws {
            try ProcessCluster.run(backend: ["http_loopback_is_trusted": "false"]) { cluster in
                let port = cluster.frontend.port("http_port")
                func put(_ method: HTTPMethod, _ path: String, _ body: String, _ who: Who) throws {
                    let answer = try http.execute(
                        HTTPRequest(
                            method, "http://127.0.0.1:\(port)\(path)",
                            headers: headers(who) + [HTTPHeader("Content-Type", "application/json")],
                            body: .bytes(Array(body.utf8))))
                    guard answer.isSuccess else {
                        throw FixtureError("\(path): \(String(decoding: answer.body, as: UTF8.self))")
                    }
                }
                // Until root has a password, whoever is on this machine is root.
                try put(.put, "/api/users/root/password", #"{"password": "of root"}"#, .nobody)
                try put(.post, "/api/databases", #"{"name": "d"}"#, .admin)
                for (who, grant) in [
                    (Who.reader, #"{"right": "READ"}"#), (.loader, #"{"right": "LOAD", "database": "d"}"#),
                    (.owner, #"{"right": "ADMIN", "database": "d"}"#),
                ] {
                    let body = #"{"name": "\#(who)", "password": "\#(who)", "grants": [\#(grant)]}"#
                    try put(.post, "/api/users", body, .admin)
                }
                try walk(.frontend.opened(["/metrics"]), port: port)
                try walk(.backend.opened(["/metrics"]), port: cluster.backends[0].daemon.port("webserver_port"))
                // Rights that are taken back are gone at once.
                #expect(try ask("GET", "/api/backends", port, .reader) == 200)
                let grants = #"{"right": "READ"}"#
                _ = try http.execute(
                    HTTPRequest(
                        .delete, "http://127.0.0.1:\(port)/api/users/reader/grants",
                        headers: headers(.admin) + [HTTPHeader("Content-Type", "application/json")],
                        body: .bytes(Array(grants.utf8))))
                #expect(try ask("GET", "/api/backends", port, .reader) == 403)
                // No secret of anybody in a log.
                let log = cluster.frontend.log(from: 0) + cluster.backends[0].daemon.log(from: 0)
                #expect(!log.contains("of root") && !log.contains("of-another-cluster"))
            }
        }
    }
}
