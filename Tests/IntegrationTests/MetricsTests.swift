import CurlHTTP
import Foundation
import HTTPAPI
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// What both daemons tell Prometheus.
    @Suite struct MetricsTests {
        @Test func bothDaemonsAreReadStrictlyAndShowWhatWasDone() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let rows = try cluster.makeRows("rows.csv", count: 100)
                _ = try cluster.control("load", "t", "--file", rows)
                _ = try cluster.control("checkpoint")
                let client = try HTTPClient()
                defer { client.shutdown() }
                let answer = try client.execute(HTTPRequest(.get, "http://\(cluster.frontendAddress)/metrics"))
                let frontend = try MetricsText(String(decoding: answer.body, as: UTF8.self))
                let backend = try MetricsText(
                    String(decoding: try cluster.backends[0].get("/metrics").body, as: UTF8.self))

                let address = cluster.backends[0].heartbeatAddress.description
                #expect(frontend.value("doris_fe_tablet_num", ["backend": address]) == 2)
                #expect(frontend.value("doris_fe_txn_counter", ["type": "begin"]) == 1)
                #expect(frontend.value("doris_fe_txn_counter", ["type": "success"]) == 1)
                #expect(frontend.value("doris_fe_txn_status", ["type": "visible"]) == 1)
                #expect(frontend.value("doris_fe_txn_exec_latency_ms_count") == 1)
                #expect(frontend.value("doris_fe_image_write", ["type": "success"]) == 1)
                let written = try #require(frontend.value("doris_fe_edit_log", ["type": "write"]))
                #expect(written == frontend.value("doris_fe_max_journal_id") && written > 5)
                let appends = try #require(frontend.value("doris_fe_editlog_write_latency_ms_count"))
                #expect(appends > 3 && appends <= written)
                #expect(frontend.value("node_info", ["type": "be_node_num", "state": "alive"]) == 1)
                #expect(frontend.value("node_info", ["type": "is_master"]) == 1)

                #expect(backend.value("doris_be_load_rows") == 100)
                #expect(backend.value("doris_be_compaction_bytes_total", ["type": "base"]) == 0)
                #expect(backend.value("tabletd_be_s3_requests_total", ["method": "put", "result": "success"]) == 0)
                #expect(backend.value("doris_be_cpu", ["device": "cpu", "mode": "idle"]) ?? 0 > 0)
                let threads = backend.samples.filter { $0.key.name == "doris_be_thread_pool_max_threads" }
                #expect(threads.count > 10)
                for metrics in [frontend, backend] {
                    #expect(metrics.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
                    #expect(metrics.value("process_open_fds") ?? 0 > 10)
                    let started = try #require(metrics.value("process_start_time_seconds"))
                    #expect(abs(started - Date.now.timeIntervalSince1970) < 3600)
                }
            }
        }

        /// Every family stands in docs/metrics.md with its help, and nothing else does.
        @Test func everyMetricIsDocumented() throws {
            try ProcessCluster.run { cluster in
                let client = try HTTPClient()
                defer { client.shutdown() }
                let answer = try client.execute(HTTPRequest(.get, "http://\(cluster.frontendAddress)/metrics"))
                let page = try Self.page([
                    ("tabletd-fe", String(decoding: answer.body, as: UTF8.self)),
                    ("tabletd-be", String(decoding: try cluster.backends[0].get("/metrics").body, as: UTF8.self)),
                ])
                let path = ServerBinary.packageRoot + "/docs/metrics.md"
                if ProcessInfo.processInfo.environment["TABLETD_WRITE_DOCUMENTS"] != nil {
                    try page.write(toFile: path, atomically: true, encoding: .utf8)
                }
                let isSame = try String(contentsOfFile: path, encoding: .utf8) == page
                #expect(isSame, "docs/metrics.md is not what the daemons tell: run this with TABLETD_WRITE_DOCUMENTS=1")
            }
        }

        private static func page(_ daemons: [(name: String, text: String)]) throws -> String {
            var lines = [
                "# Metrics", "",
                "What `GET /metrics` of both daemons tells, made from it: `TABLETD_WRITE_DOCUMENTS=1 swift test --filter MetricsTests`.",
                "Names that begin with `doris_` are Doris', with its labels and meaning; `process_` and `node_info` are those of Prometheus'",
                "clients and of Doris' FE; `tabletd_` are ours. Quantiles of summaries are estimated from buckets, since the start.",
            ]
            for daemon in daemons {
                let types = try MetricsText(daemon.text).types
                lines += ["", "## \(daemon.name)", "", "| metric | type | tells |", "|---|---|---|"]
                for line in daemon.text.split(separator: "\n") where line.hasPrefix("# HELP ") {
                    let words = line.split(separator: " ", maxSplits: 3)
                    let name = String(words[2])
                    lines.append("| `\(name)` | \(types[name] ?? "") | \(words.count > 3 ? words[3] : "") |")
                }
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }
}
