import Foundation
import ServerFixtures
import Testing

extension IntegrationTests {
    /// A wrong configuration keeps a daemon from starting, and is named with file, line and key.
    @Suite struct ConfigurationTests {
        private func run(_ program: String, _ text: String, _ arguments: [String] = []) throws -> (
            Command.Result, String
        ) {
            let folder = try TemporaryFolder()
            let file = folder.path + "/it.conf"
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            return (try Command(program, ["--config", file] + arguments, in: folder.path).wait(within: 30), file)
        }

        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func everyProblemIsNamedAtOnce(_ program: String) throws {
            let port = program == "tabletd-be" ? "be_port" : "rpc_port"
            let text = "# a comment\n\(port) = many\nno_such_key = 1\nsys_log_level = loud\n"
            for arguments in [[], ["--check-config"]] {
                let (ended, file) = try run(program, text, arguments)
                #expect(ended.status == 2)
                #expect(ended.error.contains("\(file):2: \(port):"))
                #expect(ended.error.contains("65535"))
                #expect(ended.error.contains("\(file):4: sys_log_level:"))
                #expect(ended.error.contains("\(file):3: no_such_key:"))
            }
        }

        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func aGoodConfigurationIsCheckedWithoutStarting(_ program: String) throws {
            let (ended, file) = try run(program, "bind_host = 127.0.0.1\n", ["--check-config"])
            #expect(ended.status == 0 && ended.output.contains("\(file): the configuration is good"))
        }

        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func aMissingFileAndABadOverrideAreNamed(_ program: String) throws {
            let folder = try TemporaryFolder()
            let missing = folder.path + "/nowhere.conf"
            let ended = try Command(program, ["--config", missing], in: folder.path).wait(within: 30)
            #expect(ended.status == 2 && ended.error.contains(missing))
            let (overridden, _) = try run(program, "", ["--set", "sys_log_level=loud", "--check-config"])
            #expect(overridden.status == 2 && overridden.error.contains("command line: sys_log_level:"))
        }

        @Test(arguments: ["tabletd-be", "tabletd-fe"])
        func aPortThatIsTakenIsNamed(_ program: String) throws {
            let holder = try FaultyHTTPServer { _ in .respond(status: 200) }
            defer { holder.stop() }
            let folder = try TemporaryFolder()
            let storage = try folder.makeDirectory("storage")
            let own =
                program == "tabletd-be"
                ? "storage_root_path = \(storage)\nbe_port = 0\nheartbeat_service_port = \(holder.port)\n"
                    + "webserver_port = 0\n"
                : "meta_dir = \(storage)\nload_spool_dir = \(folder.path)/spool\nhttp_port = 0\n"
                    + "rpc_port = \(holder.port)\n"
            let (ended, _) = try run(program, own + "bind_host = 127.0.0.1\nadvertised_host = 127.0.0.1\n")
            #expect(ended.status == 1)
            #expect(ended.error.contains("\(holder.port)"), "\(ended.error)")
        }
    }
}
