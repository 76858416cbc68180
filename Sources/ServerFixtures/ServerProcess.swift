internal import Foundation
internal import Glibc
internal import Synchronization

/// A server program that runs for a test: started on a free loopback port, stopped by its pid.
public final class ServerProcess: @unchecked Sendable {
    // Unchecked: `process` is used by the one call of `stop` that finds `isStopped` unset.
    public let port: UInt16
    public let pid: Int32
    /// What it wrote to stdout and stderr.
    public let logFile: String
    private let process: Process
    private let isStopped = Atomic<Bool>(false)

    private init(_ process: Process, port: UInt16, logFile: String) {
        self.port = port
        self.pid = process.processIdentifier
        self.logFile = logFile
        self.process = process
    }

    deinit { stop() }

    /// Starts the program and waits until it accepts connections. Tries other ports when one is taken meanwhile, unless
    /// it must be this one.
    static func start(
        _ program: URL, in folder: TemporaryFolder, port wanted: UInt16? = nil, arguments: (UInt16) -> [String]
    ) throws -> ServerProcess {
        var lastLog = ""
        for attempt in 0..<3 {
            let port = try wanted ?? LoopbackSocket.freePort()
            let server = try launch(
                program, in: folder, name: "server.\(attempt)", port: port, arguments: arguments(port))
            if server.becomesReady() { return server }
            server.stop()
            lastLog = server.lastWords
        }
        throw FixtureError("\(program.lastPathComponent) did not start; it said: \(lastLog)")
    }

    /// Starts the program and does not wait for it.
    /// - Parameter name: of its log file.
    static func launch(
        _ program: URL, in folder: TemporaryFolder, name: String, port: UInt16, arguments: [String]
    ) throws -> ServerProcess {
        let logFile = "\(folder.path)/\(name).log"
        try Data().write(to: URL(fileURLWithPath: logFile))
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logFile))
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try log.close()
        return ServerProcess(process, port: port, logFile: logFile)
    }

    /// Waits until it accepts connections; it is stopped when it does not.
    func waitUntilReady() throws {
        guard !becomesReady() else { return }
        stop()
        throw FixtureError("a server on port \(port) did not start; it said: \(lastWords)")
    }

    private var lastWords: String {
        String(decoding: FileManager.default.contents(atPath: logFile) ?? Data(), as: UTF8.self).suffix(500).description
    }

    private static let readyDeadlineSeconds = 60.0

    private func becomesReady() -> Bool {
        let deadline = Date(timeIntervalSinceNow: Self.readyDeadlineSeconds)
        while process.isRunning, Date() < deadline {
            if LoopbackSocket.accepts(port: port) { return true }
            // Nothing tells when another program listens: ask again soon.
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    /// Stops and continues it: connections are made, and nothing is answered.
    public func freeze() { Glibc.kill(pid, SIGSTOP) }
    public func thaw() { Glibc.kill(pid, SIGCONT) }

    /// Ends the server and waits for it: SIGTERM, and SIGKILL when it does not go. Idempotent.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard process.isRunning else { return }
        process.terminate()
        let deadline = Date(timeIntervalSinceNow: 5)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Ends it at once, stopped or not, and waits for it.
    public func kill() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard process.isRunning else { return }
        Glibc.kill(pid, SIGKILL)
        process.waitUntilExit()
    }
}
