import CurlHTTP
import Foundation
import ServerFixtures
import TabletModel
import Testing

extension IntegrationTests {
    /// What scripts and monitors ask of Doris' BE over HTTP.
    @Suite struct DorisRouteTests {
        @Test func theConfigurationIsShownAsLinesAndAsRows() throws {
            try withBackend(["zstd_compression_level": "7"]) { backend in
                let lines = text(try backend.get("/varz").body).split(separator: "\n").map(String.init)
                #expect(lines.contains("zstd_compression_level=7") && lines.contains("bind_host=127.0.0.1"))
                let rows = try backend.json("/api/show_config", as: [[String]].self)
                #expect(rows.allSatisfy { $0.count == 4 })
                #expect(rows.map { "\($0[0])=\($0[2])" } == lines)
                #expect(try backend.json("/api/show_config?conf_item=", as: [[String]].self) == rows)
                let one = try backend.json("/api/show_config?conf_item=zstd_compression_level", as: [[String]].self)
                #expect(one == [["zstd_compression_level", "int32_t", "7", "false"]])
                let unknown = try backend.get("/api/show_config?conf_item=no_such_key")
                #expect(unknown.status == 404 && text(unknown.body).contains("no_such_key"))
            }
        }

        @Test func theVersionIsToldInItsParts() throws {
            try withBackend { backend in
                struct Answer: Decodable {
                    struct Content: Decodable { var beVersionInfo: Version }
                    struct Version: Decodable {
                        var dorisBuildVersionPrefix: String
                        var dorisBuildVersionMajor: Int
                        var dorisBuildVersionMinor: Int
                        var dorisBuildVersionPatch: Int
                        var dorisBuildVersion: String
                        var dorisBuildHash: String
                    }
                    var msg: String
                    var code: Int
                    var data: Content
                    var count: Int
                }
                let answer = try backend.json("/api/be_version_info", as: Answer.self)
                #expect(answer.msg == "success" && answer.code == 0 && answer.count == 0)
                let version = answer.data.beVersionInfo
                let parts = [
                    version.dorisBuildVersionMajor, version.dorisBuildVersionMinor, version.dorisBuildVersionPatch,
                ]
                let numbers = parts.map(String.init).joined(separator: ".")
                #expect(version.dorisBuildVersion == "\(version.dorisBuildVersionPrefix)-\(numbers)")
                #expect(version.dorisBuildVersionPrefix == "tabletd" && numbers != "0.0.0")
            }
        }

        @Test func tabletsAreListedUpToTheLimit() throws {
            try ProcessCluster.run { cluster in
                try cluster.createTable("t", buckets: 3, replicas: 1)
                let backend = cluster.backends[0]
                struct Known: Decodable {
                    var tabletID: Int64
                    var schemaHash: Int64
                }
                let known = try backend.json("/api/tablets", as: [Known].self)
                #expect(known.count == 3)
                for (query, count) in [("", 3), ("?limit=all", 3), ("?limit=2", 2), ("?limit=0", 0)] {
                    let listing = try backend.json("/tablets_json\(query)", as: Listing.self)
                    #expect(listing.msg == "OK" && listing.code == 0 && listing.data.host == "127.0.0.1")
                    #expect(listing.data.tablets.map(\.tablet_id) == known.prefix(count).map(\.tabletID))
                    #expect(listing.data.tablets.map(\.schema_hash) == known.prefix(count).map(\.schemaHash))
                    #expect(listing.count == count)
                }
                for limit in ["-1", "some"] {
                    #expect(try backend.get("/tablets_json?limit=\(limit)").status == 400, "\(limit)")
                }
            }
        }

        @Test func aReportIsSentWhenAskedFor() throws {
            // Hardly one comes by itself: only new masters, changes and questions bring one.
            let settings = ["report_tablet_interval_seconds": "3600"]
            try ProcessCluster.run(backend: settings) { cluster in
                let backend = cluster.backends[0]
                func rounds() throws -> Int64 {
                    let loops = try backend.json("/api/status", as: Loops.self).loops
                    return try #require(loops.first { $0.name == "report-tablet" }).rounds
                }
                let before = try rounds()
                #expect(text(try backend.get("/api/report/tablet").body) == "OK\n")
                try eventually("the report that was asked for") { try rounds() > before }
                #expect(try backend.get("/api/report/weather").status == 404)
            }
        }

        @Test func aChangedIntervalIsWaitedForAtOnce() throws {
            let settings = ["report_tablet_interval_seconds": "3600"]
            try ProcessCluster.run(backend: settings) { cluster in
                let backend = cluster.backends[0]
                func rounds() throws -> Int64 {
                    try backend.json("/api/status", as: Loops.self).loops.first { $0.name == "report-tablet" }?.rounds
                        ?? 0
                }
                let before = try rounds()
                #expect(try backend.request(.post, "/api/update_config?report_tablet_interval_seconds=1").isSuccess)
                // The first ends the pause that it was in; the next ones come by themselves.
                try eventually("reports of the new interval") { try rounds() > before + 2 }
            }
        }

        @Test func theLogLevelChangesWhileTheBackendRuns() throws {
            try withBackend(["sys_log_level": "error"]) { backend in
                func lines(_ level: String) -> Int {
                    backend.daemon.tail(lines: 10_000).split(separator: "\n").count { $0.contains(" \(level) ") }
                }
                #expect(lines("NOTICE") == 0)
                #expect(try backend.request(.post, "/api/update_config?sys_log_level=info").isSuccess)
                // The end of the process is told.
                _ = try backend.daemon.stop()
                #expect(lines("NOTICE") > 0)
            }
        }

        @Test func withoutAMasterAReportIsRefused() throws {
            try withBackend { backend in
                for report in ["task", "disk", "tablet"] {
                    let refused = try backend.get("/api/report/\(report)")
                    #expect(refused.status == 503 && text(refused.body).contains("no master"), "\(report)")
                }
            }
        }

        @Test func aKeyIsChangedWhileTheBackendRunsAndKeptWhenAskedTo() throws {
            try withBackend { backend in
                struct Answer: Decodable, Equatable {
                    var config_name: String
                    var status: String
                    var msg: String
                }
                func change(_ query: String) throws -> (status: Int, answers: [Answer]) {
                    let answer = try backend.request(.post, "/api/update_config?\(query)")
                    return (answer.status, try JSONDecoder().decode([Answer].self, from: Data(answer.body)))
                }
                func shown(_ key: String) throws -> [String] {
                    let rows = try backend.json("/api/show_config?conf_item=\(key)", as: [[String]].self)
                    return rows.first ?? []
                }
                let changed = try change("trash_file_expire_time_sec=7")
                #expect(changed.status == 200)
                #expect(changed.answers == [Answer(config_name: "trash_file_expire_time_sec", status: "OK", msg: "")])
                #expect(
                    try shown("trash_file_expire_time_sec") == ["trash_file_expire_time_sec", "int32_t", "7", "true"])

                let refused = try change("trash_file_expire_time_sec=8&be_port=1&persist=true")
                #expect(refused.status == 400 && refused.answers.map(\.status) == ["BAD", "BAD"])
                #expect(refused.answers.last?.msg.contains("restart") == true)
                #expect(try shown("trash_file_expire_time_sec")[2] == "7")
                for (query, word) in [("", "no key"), ("persist=perhaps&a=1", "persist"), ("a=1&a=2", "twice")] {
                    let answer = try backend.request(.post, "/api/update_config?\(query)")
                    #expect(answer.status == 400 && text(answer.body).contains(word), "\(query)")
                }
                // A page elsewhere can make a browser fetch this.
                #expect(try backend.get("/api/update_config?trash_file_expire_time_sec=9").status == 404)

                #expect(try change("disable_auto_compaction=true&persist=true").status == 200)
                try backend.restart()
                #expect(try shown("disable_auto_compaction")[2] == "true")
                #expect(try shown("trash_file_expire_time_sec")[2] == "259200")
            }
        }

        @Test func rowsetsAreMergedShownAndSummedWhenAskedFor() throws {
            try DrivenBackends.run(settings: ["disable_auto_compaction": "true"]) { driven in
                let backend = driven.backend
                let tablet = TabletID(10)
                try driven.create(tablet)
                _ = try driven.loadVersions(2...4, into: tablet, on: driven.backends)
                struct Shown: Decodable {
                    var rowsets: [String]
                    var missing_rowsets: [String]
                    var stale_rowsets: [String]
                }
                func shown() throws -> Shown {
                    try backend.json("/api/compaction/show?tablet_id=\(tablet)", as: Shown.self)
                }
                func sum() throws -> String {
                    text(try backend.get("/api/checksum?tablet_id=\(tablet)&version=4").body)
                }
                struct Answer: Decodable {
                    var status: String
                    var msg: String
                }
                func run(_ query: String) throws -> Answer {
                    let answer = try backend.request(.post, "/api/compaction/run?\(query)")
                    guard answer.isSuccess else { return Answer(status: "\(answer.status)", msg: text(answer.body)) }
                    return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
                }
                let before = try shown()
                #expect(before.rowsets.count == 4 && before.missing_rowsets == [] && before.stale_rowsets == [])
                #expect(before.rowsets[1].hasPrefix("[2-2] 1 DATA NONOVERLAPPING 02"))
                let whole = try sum()
                #expect(try Int64(whole) == driven.checksum(tablet, at: 4, on: backend))

                #expect(try run("tablet_id=\(tablet)&compact_type=cumulative").status == "Success")
                try eventually("the merged rowset") { try shown().rowsets.count == 2 }
                #expect(try shown().rowsets[1].hasPrefix("[2-4] 1 DATA") && shown().stale_rowsets.count == 3)
                #expect(try sum() == whole)
                let path = text(try backend.get("/api/compaction/show?tablet_id=\(tablet)").body)
                #expect(path.contains("1 -> [2-2] -> [3-3] -> [4-4]"))
                #expect(path.contains("\"last cumulative success time\":\"20"))

                #expect(try run("tablet_id=\(tablet)&compact_type=cumulative").status == "Fail")
                for (query, word) in [
                    ("tablet_id=\(tablet)&compact_type=full", "full"), ("table_id=1&compact_type=full", "table_id"),
                    ("tablet_id=\(tablet)&compact_type=base&remote=true", "remote"), ("compact_type=base", "tablet_id"),
                    ("tablet_id=\(tablet)&compact_type=base&hurry=1", "hurry"),
                ] {
                    let refused = try run(query)
                    #expect(refused.status == "400" && refused.msg.contains(word), "\(query)")
                }
                #expect(try run("tablet_id=1&compact_type=base").status == "404")
                let running = text(try backend.get("/api/compaction/run_status").body)
                #expect(running.contains("\"BaseCompaction\":{\"\(backend.storageFolder)\":[]}"))
                struct Status: Decodable { var run_status: Bool }
                #expect(
                    try !backend.json("/api/compaction/run_status?tablet_id=\(tablet)", as: Status.self).run_status)

                struct Meta: Decodable {
                    struct Rowset: Decodable {
                        var start_version: Int64
                        var end_version: Int64
                        var rowset_id_v2: String
                    }
                    var tablet_id: Int64
                    var tablet_state: String
                    var rs_metas: [Rowset]
                    var stale_rs_metas: [Rowset]
                }
                let meta = try backend.json("/api/meta/header/\(tablet)", as: Meta.self)
                #expect(meta.tablet_id == tablet.rawValue && meta.tablet_state == "PB_RUNNING")
                #expect(meta.rs_metas.map(\.end_version) == [1, 4] && meta.stale_rs_metas.count == 3)
                #expect(try backend.get("/api/meta/header/1").status == 404)
                #expect(try backend.get("/api/checksum?tablet_id=\(tablet)").status == 400)
                #expect(try backend.get("/api/checksum?tablet_id=\(tablet)&version=99").status == 404)
            }
        }

        private struct Listing: Decodable {
            struct Content: Decodable {
                var host: String
                var tablets: [Line]
            }
            struct Line: Decodable {
                var tablet_id: Int64
                var schema_hash: Int64
            }
            var msg: String
            var code: Int
            var data: Content
            var count: Int
        }

        private struct Loops: Decodable {
            struct Line: Decodable {
                var name: String
                var rounds: Int64
            }
            var loops: [Line]
        }

        /// A backend that no master knows.
        private func withBackend(_ settings: [String: String] = [:], _ body: (BackendProcess) throws -> Void) throws {
            let folder = try TemporaryFolder()
            let backend = try BackendProcess("be", in: folder.path, settings: settings)
            defer { backend.daemon.kill() }
            try backend.start()
            try body(backend)
        }

        private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    }
}
