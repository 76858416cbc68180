import Foundation
import Logging
import NodeConfiguration
import ServerFixtures
import Testing

@testable import DaemonRuntime

@Suite struct LogLineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func lines(_ settings: LogSettings, _ log: (Logger) -> Void) throws -> [String] {
        let path = folder.path + "/log"
        var settings = settings
        settings.file = path
        let output = try LogOutput(path: path)
        log(Logger(label: "be") { LogLines(label: $0, settings: settings, output: output) })
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func anEventIsOneLineWithItsFieldsInOrder() throws {
        let lines = try lines(LogSettings()) { logger in
            logger.info("tablet created", metadata: ["version": "2", "tablet": "10001", "reason": "a \"b\"\nc"])
        }
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix(#" INFO be: tablet created reason="a \"b\"\nc" tablet=10001 version=2"#))
    }

    @Test func aLineBreakInAMessageMakesNoSecondLine() throws {
        #expect(try lines(LogSettings()) { $0.error("first\nsecond") }.count == 1)
    }

    @Test func linesBelowTheLevelAreNotWritten() throws {
        var settings = LogSettings()
        settings.level = .warning
        #expect(try lines(settings) { $0.info("quiet") }.isEmpty)
    }

    @Test func jsonLinesAreObjects() throws {
        var settings = LogSettings()
        settings.format = .json
        let lines = try lines(settings) { $0.warning("a\tb", metadata: ["key": "\u{1}"]) }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: String])
        #expect(object["message"] == "a\tb" && object["level"] == "warning" && object["key"] == "\u{1}")
    }

    @Test func aLogFileThatCannotBeOpenedIsNamed() {
        let error = #expect(throws: LogOutputError.self) { try LogOutput(path: folder.path + "/none/log") }
        #expect(error?.description.contains("/none/log") == true)
    }
}

@Suite struct DaemonFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func thePortsFileIsJSON() throws {
        let path = folder.path + "/ports.json"
        try PortsFile(path: path).write([("http_port", 8030), ("rpc_port", 9020)])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try JSONDecoder().decode([String: Int].self, from: data) == ["http_port": 8030, "rpc_port": 9020])
        try PortsFile(path: "").write([("http_port", 1)])
    }

    @Test func aMissingConfigurationIsAProblemThatNamesTheFile() {
        let path = folder.path + "/none.conf"
        let error = #expect(throws: ConfigurationError.self) {
            try loadConfiguration(BackendConfiguration.self, path: path, overrides: [])
        }
        #expect(error?.description.contains("none.conf") == true)
    }

    // found C11
    @Test func filesThatTheConfigurationNamesMustBeThere() throws {
        let path = folder.path + "/be.conf"
        let missing = folder.path + "/none.pem"
        let text = "s3_ca_file = \(missing)\nlog_file = \(folder.path)/nowhere/be.log\nstorage_root_path = /data\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) {
            try loadConfiguration(BackendConfiguration.self, path: path, overrides: [])
        }
        #expect(error?.problems.map(\.key) == ["s3_ca_file", "log_file"])
        #expect(error?.description.contains(missing) == true)

        try "no certificate".write(toFile: missing, atomically: true, encoding: .utf8)
        let other = #expect(throws: ConfigurationError.self) {
            try loadConfiguration(BackendConfiguration.self, path: path, overrides: ["log_file="])
        }
        #expect(other?.description.contains("BEGIN CERTIFICATE") == true)
        try "-----BEGIN CERTIFICATE-----\n".write(toFile: missing, atomically: true, encoding: .utf8)
        _ = try loadConfiguration(BackendConfiguration.self, path: path, overrides: ["log_file="])
    }

    // found A4: identity as typed
    @Test func oneDataDirUnderTwoPathsIsAProblemThatNamesBoth() throws {
        let path = folder.path + "/be.conf"
        let (real, link) = (folder.path + "/real", folder.path + "/link")
        try FileManager.default.createDirectory(atPath: real + "/d", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        try "storage_root_path = \(real)/d;\(link)/d\n".write(toFile: path, atomically: true, encoding: .utf8)
        for checksOnly in [false, true] {
            let error = #expect(throws: ConfigurationError.self) {
                try loadConfiguration(BackendConfiguration.self, path: path, overrides: [], checksOnly: checksOnly)
            }
            #expect(error?.problems.map(\.key) == ["storage_root_path"])
            #expect(error?.description.contains("\(real)/d and \(link)/d are one folder") == true)
        }
    }

    /// A start goes on without the dir, as with every disk that is not mounted.
    @Test func aDataDirBehindALinkToNowhereIsAProblemForACheck() throws {
        let path = folder.path + "/be.conf"
        let (link, away) = (folder.path + "/link", folder.path + "/away")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: away)
        for dir in [link, link + "/d"] {
            try "storage_root_path = \(dir)\n".write(toFile: path, atomically: true, encoding: .utf8)
            _ = try loadConfiguration(BackendConfiguration.self, path: path, overrides: [])
            let error = #expect(throws: ConfigurationError.self) {
                try loadConfiguration(BackendConfiguration.self, path: path, overrides: [], checksOnly: true)
            }
            #expect(error?.description.contains("storage_root_path: \(dir) ") == true)
            #expect(error?.description.contains("link") == true && error?.description.contains(away) == true)
        }
    }

    @Test func keysThatWereChangedWhileItRanAreKeptBesideTheFile() throws {
        let path = folder.path + "/be.conf"
        try "be_port = 1234\nstorage_root_path = /data\n".write(toFile: path, atomically: true, encoding: .utf8)
        let file = ChangedKeysFile(besideConfiguration: path)
        #expect(file.path == folder.path + "/be_custom.conf")
        try file.set([("trash_file_expire_time_sec", "7")])
        try file.set([("disable_auto_compaction", "true")])
        let loaded = try loadConfiguration(BackendConfiguration.self, path: path, overrides: [])
        #expect(loaded.configuration.sweep.trashExpiry == .seconds(7) && loaded.configuration.compaction.isDisabled)
        #expect(loaded.configuration.bePort == 1234)
        try "no_such = 1".write(toFile: file.path, atomically: true, encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) {
            try loadConfiguration(BackendConfiguration.self, path: path, overrides: [])
        }
        #expect(error?.description.contains("be_custom.conf:1: no_such") == true)
    }

    @Test func theCommandLineWinsOverTheFile() throws {
        let path = folder.path + "/be.conf"
        try "be_port = 1234\nstorage_root_path = /data\n".write(toFile: path, atomically: true, encoding: .utf8)
        let loaded = try loadConfiguration(BackendConfiguration.self, path: path, overrides: ["be_port=4321"])
        #expect(loaded.configuration.bePort == 4321)
    }
}

@Suite struct AddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false), ("10.1.2.3", "10.1.2.3", true),
        ("0.0.0.0/0", "8.8.8.8", true), ("10.0.0.0/8", "nonsense", false),
    ])
    func networksContainTheirAddresses(network: String, address: String, expected: Bool) {
        #expect(MachineAddresses.contains(network: network, address) == expected)
    }

    @Test func anAdvertisedHostIsTakenAsItIs() throws {
        var settings = AddressSettings()
        settings.advertisedHost = "node7"
        #expect(try MachineAddresses(settings, source: "be.conf").advertised == "node7")
    }

    @Test func noAddressInThePriorityNetworksIsAProblem() {
        var settings = AddressSettings()
        settings.priorityNetworks = ["203.0.113.0/24"]
        let error = #expect(throws: ConfigurationProblem.self) { try MachineAddresses(settings, source: "be.conf") }
        #expect(error?.key == "priority_networks")
    }
}

@Suite struct BoundPortTests {
    @Test func whoWaitsGetsThePort() async {
        let port = BoundPort()
        async let early = port.value
        port.set(9050)
        #expect(await early == 9050)
        #expect(await port.value == 9050)
    }

    // found C1
    @Test func whoWaitsForAPortThatNeverComesEndsWithTheTask() async {
        let port = BoundPort()
        let waiting = Task { await port.value }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}

/// A folder that goes away with the test.
