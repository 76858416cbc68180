internal import Foundation
internal import Glibc

/// A daemon of ours in a process of its own, and what it takes of the machine. Killed with its last reference.
final class MeasuredDaemon {
    let folder: String
    private let program: String
    private let process = Process()
    private(set) var ports: [String: Int] = [:]
    private(set) var startSeconds = 0.0
    private var started = ContinuousClock.now

    /// Starts it, and waits until it has told its ports: then it serves.
    /// - Parameters:
    ///   - folder: it is made; configuration, log and spool go there.
    ///   - arguments: besides the configuration.
    init(_ program: String, folder: String, settings: [String: String], arguments: [String] = []) throws {
        self.program = program
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let portsFile = folder + "/ports.json"
        var settings = settings
        settings["ports_file"] = portsFile
        settings["log_file"] = folder + "/log"
        let text = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
        try text.write(toFile: folder + "/conf", atomically: true, encoding: .utf8)
        if FileManager.default.fileExists(atPath: portsFile) { try FileManager.default.removeItem(atPath: portsFile) }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--config", folder + "/conf"] + arguments
        process.standardInput = FileHandle.nullDevice
        started = ContinuousClock.now
        startSeconds = try secondsOf {
            try process.run()
            try waitUntil("\(program) to start", within: 300) {
                guard process.isRunning else {
                    throw BenchError("\(program) ended with \(process.terminationStatus): see \(folder)/log")
                }
                return FileManager.default.fileExists(atPath: portsFile)
            }
        }
        ports = try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: URL(fileURLWithPath: portsFile)))
    }

    deinit { kill() }

    var isRunning: Bool { process.isRunning }
    /// Since its start.
    var age: Duration { ContinuousClock.now - started }

    /// The program of this name that was built together with this one.
    static func besideThis(_ program: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(program).path
    }

    /// Of a backend on free ports of loopback that has but one data dir, and takes data however full the disk is.
    static func backendSettings(storage: String) -> [String: String] {
        [
            "storage_root_path": storage, "be_port": "0", "heartbeat_service_port": "0", "webserver_port": "0",
            "bind_host": "127.0.0.1", "advertised_host": "127.0.0.1", "sys_log_level": "WARNING",
            "storage_flood_stage_left_capacity_bytes": "0", "storage_flood_stage_usage_percent": "100",
        ]
    }

    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Resident memory now.
    func residentMiB() throws -> Double { try MemoryUse(of: process.processIdentifier).residentMiB }

    /// The highest resident memory since `forgetPeak`.
    func peakMiB() throws -> Double { try MemoryUse(of: process.processIdentifier).peakMiB }

    func forgetPeak() throws { try MemoryUse.forgetPeak(of: "\(process.processIdentifier)") }
}

/// What `/proc` says of a process' memory.
struct MemoryUse {
    var residentMiB = 0.0
    var peakMiB = 0.0

    init(of pid: Int32) throws { try self.init(ofProcess: "\(pid)") }

    /// - Parameter name: an id, or `self`.
    init(ofProcess name: String) throws {
        let text = try String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8)
        for line in text.split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            guard parts.count >= 2, let kib = Double(parts[1]) else { continue }
            if parts[0] == "VmRSS" { residentMiB = kib / 1024 }
            if parts[0] == "VmHWM" { peakMiB = kib / 1024 }
        }
    }

    /// The peak counts from now on.
    static func forgetPeak(of process: String) throws {
        try "5".write(toFile: "/proc/\(process)/clear_refs", atomically: false, encoding: .utf8)
    }
}

/// Looks again and again.
/// - Parameter pauseMs: between two looks.
func waitUntil(
    _ what: String, within limit: Double, pauseMs: UInt32 = 2, _ condition: () throws -> Bool
) throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(limit)
    while try !condition() {
        guard clock.now < end else { throw BenchError("waited \(Int(limit)) s for \(what) in vain") }
        usleep(pauseMs * 1000)
    }
}
