import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import Testing

extension IntegrationTests {
    /// The page that the FE serves.
    @Suite struct PageTests {
        @Test func itsFilesAreFencedIn() throws {
            try ProcessCluster.run(backends: 0) { cluster in
                let client = try HTTPClient()
                defer { client.shutdown() }
                func get(_ path: String) throws -> HTTPResponse {
                    try client.execute(HTTPRequest(.get, "http://\(cluster.frontendAddress)\(path)"))
                }
                for (path, type) in [
                    ("/", "text/html"), ("/page/main.js", "text/javascript"), ("/page/page.css", "text/css"),
                ] {
                    let answer = try get(path)
                    #expect(answer.status == 200 && answer.header("Content-Type")?.hasPrefix(type) == true, "\(path)")
                    let policy = answer.header("Content-Security-Policy") ?? ""
                    #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
                    #expect(!policy.contains("unsafe") && !policy.contains("http"), "\(path): \(policy)")
                    #expect(answer.header("X-Frame-Options") == "DENY", "\(path)")
                    #expect(answer.header("X-Content-Type-Options") == "nosniff", "\(path)")
                    #expect(answer.header("Cache-Control") == "no-store", "\(path)")
                }
                for path in ["/page/none.js", "/page/..%2Fmain.js", "/page/", "/page/%2e%2e/%2e%2e/etc/passwd"] {
                    #expect(try get(path).status == 404, "\(path)")
                }
            }
        }

        /// What runs comes from files, and what comes from the server goes in as text.
        @Test func nothingInItCanTurnIntoMarkup() throws {
            let folder = URL(fileURLWithPath: ServerBinary.packageRoot).appendingPathComponent("page")
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            #expect(files.count == 7)
            let banned = [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc",
                "DOMParser", "style=", "onclick", "onload", "javascript:", "http://", "https://",
            ]
            for file in files {
                let text = try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "http://www.w3.org/2000/svg").joined()
                for word in banned { #expect(!text.contains(word), "\(file.lastPathComponent) has \(word)") }
            }
        }

        /// Every view on a desktop and a phone, by keyboard and as a screen reader gets it, in a browser.
        @Test func aBrowserWalksThroughIt() throws {
            try ProcessCluster.run(backends: 2) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 2)
                let rows = try cluster.makeRows("rows.csv", count: 2000)
                for part in 1...5 { _ = try cluster.control("load", "t", "--file", rows, "--label", "part\(part)") }
                let tablets = try cluster.decode([TabletView].self, "tablets", "t")
                let tablet = try #require(tablets.first?.id)
                let merging = "/api/compaction/run?tablet_id=\(tablet)&compact_type=cumulative"
                #expect(try cluster.backends[0].request(.post, merging).isSuccess)
                // A browser shows who it is, whoever it is on this machine.
                let password = cluster.folder.path + "/root.password"
                try Data("of the page\n".utf8).write(to: URL(fileURLWithPath: password))
                let set = try HTTPClient().execute(
                    HTTPRequest(
                        .put, "http://\(cluster.frontendAddress)/api/users/root/password",
                        headers: [HTTPHeader("Content-Type", "application/json")],
                        body: .bytes(Array(#"{"password": "of the page"}"#.utf8))))
                #expect(set.isSuccess)
                let chromium = try ServerBinary.find("chromium", variable: "TABLETD_CHROMIUM")
                let python = try ServerBinary.find("python3", variable: "TABLETD_PYTHON")
                let walk = try Command(
                    python,
                    [
                        ServerBinary.packageRoot + "/scripts/lib/page_walk.py", "--url",
                        "http://\(cluster.frontendAddress)/",
                        "--table", "default.t", "--tablet", "\(tablet)", "--user", "root", "--password-file", password,
                    ] + (ProcessInfo.processInfo.environment["TABLETD_PAGE_IMAGES"].map { ["--images", $0] } ?? []),
                    environment: ["TABLETD_CHROMIUM": chromium.path], in: cluster.folder.path
                ).wait(within: 180)
                struct Report: Decodable {
                    var views: [String]
                    var problems: [String]
                }
                guard let report = try? JSONDecoder().decode(Report.self, from: Data(walk.output.utf8)) else {
                    throw FixtureError("page_walk.py ended with \(walk.status): \(walk.error)")
                }
                #expect(report.problems == [])
                #expect(Set(report.views).count == 9, "\(report.views)")
                #expect(walk.status == 0, "\(walk.error)")
            }
        }
    }
}
