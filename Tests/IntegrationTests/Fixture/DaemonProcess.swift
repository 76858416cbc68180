import Foundation
import Glibc
import ServerFixtures

/// `tabletd-fe` or `tabletd-be` with a folder, a configuration and a log of its own. Killed with its last reference.
/// Unchecked: a test uses it from one thread at a time.
final class DaemonProcess: @unchecked Sendable {
    let name: String
    let program: String
    let folder: String
    var settings: [String: String]
    /// As bound at the last start. A restart takes the same ones.
    private(set) var ports: [String: Int] = [:]
    private var process: Process?

    init(_ name: String, program: String, in folder: String, settings: [String: String]) throws {
        self.name = name
        self.program = program
        self.folder = folder + "/" + name
        self.settings = settings
        self.settings["ports_file"] = self.folder + "/ports.json"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    deinit { kill() }

    var configurationFile: String { "\(folder)/\(name).conf" }
    var logFile: String { "\(folder)/\(name).log" }
    var isRunning: Bool { process?.isRunning ?? false }
    var pid: Int32 { process?.processIdentifier ?? 0 }
    func port(_ key: String) -> Int32 { Int32(ports[key] ?? 0) }

    func writeConfiguration() throws {
        let text = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
        try text.write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// Starts it, and waits until it tells its ports.
    /// - Parameter arguments: besides the configuration.
    func start(_ arguments: [String] = []) throws {
        let portsFile = "\(folder)/ports.json"
        try eventually("start of \(name)", within: 60) {
            if FileManager.default.fileExists(atPath: portsFile) {
                try FileManager.default.removeItem(atPath: portsFile)
            }
            let before = logLength
            try launch(arguments)
            try eventually("ports of \(name)", within: 60) {
                !isRunning || FileManager.default.fileExists(atPath: portsFile)
            }
            if isRunning { return true }
            // A connection of another process may sit on the port that this daemon had: it goes away.
            guard !ports.isEmpty, log(from: before).contains("in use") else {
                throw FixtureError("\(name) ended with \(process?.terminationStatus ?? -1):\n\(tail())")
            }
            return false
        }
        ports = try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: URL(fileURLWithPath: portsFile)))
        for (key, port) in ports { settings[key] = String(port) }
    }

    /// Starts it when it is to end by itself.
    /// - Returns: its exit code.
    func runToEnd(_ arguments: [String] = [], within seconds: Double = 30) throws -> Int32 {
        try launch(arguments)
        try eventually("end of \(name)", within: seconds) { !isRunning }
        return process?.terminationStatus ?? -1
    }

    /// Starts it, and waits for nothing.
    func launch(_ arguments: [String] = []) throws {
        try writeConfiguration()
        let process = Process()
        process.executableURL = try Command.program(program)
        process.arguments = ["--config", configurationFile] + arguments
        process.standardInput = FileHandle.nullDevice
        let log = try Command.openLog(logFile)
        process.standardOutput = log
        process.standardError = log
        try process.run()
        self.process = process
    }

    /// SIGKILL, and waits until it is gone.
    func kill() {
        guard let process else { return }
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    func restart() throws {
        kill()
        try start()
    }

    /// SIGTERM. - Returns: its exit code.
    func stop(within seconds: Double = 40) throws -> Int32 {
        guard let process else { return -1 }
        Glibc.kill(process.processIdentifier, SIGTERM)
        try eventually("end of \(name) after SIGTERM", within: seconds) { !process.isRunning }
        return process.terminationStatus
    }

    /// Stops and continues it: it is there, and does nothing.
    func freeze() { Glibc.kill(pid, SIGSTOP) }
    func thaw() { Glibc.kill(pid, SIGCONT) }

    /// Bytes of memory it really uses.
    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
            * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    // MARK: Log

    var logLength: Int { log(from: 0).utf8.count }

    /// The log, from a place that `logLength` told.
    func log(from place: Int) -> String {
        guard let data = FileManager.default.contents(atPath: logFile), data.count > place else { return "" }
        return String(decoding: data.dropFirst(place), as: UTF8.self)
    }

    func waitForLog(_ text: String, from place: Int = 0, within seconds: Double = 60) throws {
        try eventually("'\(text)' in the log of \(name)", within: seconds) { log(from: place).contains(text) }
    }

    func tail(lines: Int = 15) -> String {
        log(from: 0).split(separator: "\n").suffix(lines).map { "  \(name)| \($0)\n" }.joined()
    }
}
