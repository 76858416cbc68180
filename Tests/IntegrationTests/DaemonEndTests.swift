import Foundation
import Glibc
import ServerFixtures
import Testing

extension IntegrationTests {
    /// Both daemons end when they can't go on, when they are told to, and not otherwise.
    @Suite struct DaemonEndTests {
        private func run(_ program: String, bindHost: String, httpPort: UInt16) throws -> Command.Result {
            let folder = try TemporaryFolder()
            let storage = try folder.makeDirectory("storage")
            let own =
                program == "tabletd-be"
                ? "storage_root_path = \(storage)\nbe_port = 0\nheartbeat_service_port = 0\nwebserver_port = \(httpPort)\n"
                : "meta_dir = \(storage)\nload_spool_dir = \(folder.path)/spool\nrpc_port = 0\nhttp_port = \(httpPort)\n"
            let file = folder.path + "/it.conf"
            let text = own + "bind_host = \(bindHost)\nadvertised_host = 127.0.0.1\nsys_log_level = ERROR\n"
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            return try Command(program, ["--config", file], in: folder.path).wait(within: 30)
        }

        // found C1
        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func anHTTPPortThatIsTakenEndsTheDaemonWithOneLine(_ program: String) throws {
            let holder = try FaultyHTTPServer { _ in .respond(status: 200) }
            defer { holder.stop() }
            let ended = try run(program, bindHost: "127.0.0.1", httpPort: holder.port)
            let key = program == "tabletd-be" ? "webserver_port" : "http_port"
            #expect(ended.status == 1)
            #expect(
                ended.error
                    == "\(program): can't listen on 127.0.0.1:\(holder.port) for HTTP: Address already in use (another process "
                    + "has the port); see \(key) and bind_host in the configuration\n")
        }

        // found C1
        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func aBindHostOfAnotherMachineEndsTheDaemonWithOneLine(_ program: String) throws {
            let ended = try run(program, bindHost: "203.0.113.7", httpPort: 0)
            #expect(ended.status == 1)
            #expect(ended.error.split(separator: "\n").count == 1)
            #expect(ended.error.contains("203.0.113.7") && ended.error.contains("bind_host"))
        }

        // found C2
        @Test func aSIGHUPReopensTheLogFileAndEndsNothing() throws {
            try ProcessCluster.run { cluster in
                for daemon in [cluster.frontend, cluster.backends[0].daemon] {
                    let log = daemon.folder + "/own.log"
                    daemon.settings["log_file"] = log
                    #expect(try daemon.stop() == 0)
                    try daemon.start()
                    try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
                    Glibc.kill(daemon.pid, SIGHUP)
                    try eventually("the new log file") {
                        FileManager.default.contents(atPath: log)
                            .map { String(decoding: $0, as: UTF8.self).contains("the log file was opened anew") }
                            ?? false
                    }
                    #expect(daemon.isRunning)
                    #expect(try daemon.stop() == 0)
                    let lines = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
                    #expect(lines.contains("stopped"))
                }
            }
        }

        /// A client begins to load `length` bytes into the table t, of which it has sent one row, of 4 bytes.
        private func sendRow(to cluster: ProcessCluster, label: String, length: Int) throws -> RawConnection {
            let client = try RawConnection(port: cluster.frontend.port("http_port"))
            let head = """
                PUT /api/default/t/_stream_load HTTP/1.1\r
                Host: fe\r
                label: \(label)\r
                Content-Length: \(length)\r
                \r

                """
            client.send(Array(head.utf8) + Array("1,a\n".utf8))
            return client
        }

        // found A11
        @Test func anFEThatIsStoppedDuringALoadTellsItsClientAndEnds() throws {
            try ProcessCluster.run(frontend: ["shutdown_drain_seconds": "60"]) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let client = try sendRow(to: cluster, label: "half", length: 1_000_000)
                try eventually("the load") { try cluster.control("loads").contains("half") }
                #expect(try cluster.frontend.stop(within: 20) == 0)
                let answer = String(decoding: client.receive(1 << 16), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 503"))
                #expect(answer.contains("the FE is stopping and the load was aborted") && answer.contains("half"))
                try cluster.frontend.start()
                try eventually("the load to be aborted") { try cluster.control("loads").contains("aborted") }
            }
        }

        // found A11: its rows were all received, and a backend that hangs keeps it from becoming visible.
        @Test func anFEThatIsStoppedWhileAClientWaitsForItsLoadTellsItAndEnds() throws {
            try ProcessCluster.run(frontend: ["shutdown_drain_seconds": "60"]) { cluster in
                try cluster.createTable("t", buckets: 2, replicas: 1)
                let backend = cluster.backends[0].daemon
                Glibc.kill(backend.pid, SIGSTOP)
                defer { Glibc.kill(backend.pid, SIGCONT) }
                let client = try sendRow(to: cluster, label: "whole", length: 4)
                try eventually("the load") { try cluster.control("loads").contains("pushing") }
                #expect(try cluster.frontend.stop(within: 20) == 0)
                let answer = String(decoding: client.receive(1 << 16), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 503"))
                #expect(answer.contains("the FE is stopping") && answer.contains("the same label whole"))
            }
        }
    }
}
