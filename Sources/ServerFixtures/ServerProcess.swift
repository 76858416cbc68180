internal import Foundation
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
            let logFile = folder.path + "/server.\(attempt).log"
            try Data().write(to: URL(fileURLWithPath: logFile))
            let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logFile))
            let process = Process()
            process.executableURL = program
            process.arguments = arguments(port)
            process.standardOutput = log
            process.standardError = log
            process.standardInput = FileHandle.nullDevice
            try process.run()
            try log.close()
            if waitUntilReady(process, port: port) { return ServerProcess(process, port: port, logFile: logFile) }
            if process.isRunning { process.terminate() }
            lastLog = (try String(contentsOfFile: logFile, encoding: .utf8)).suffix(500).description
        }
        throw FixtureError("\(program.lastPathComponent) did not start; it said: \(lastLog)")
    }

    private static let readyDeadlineSeconds = 60.0

    private static func waitUntilReady(_ process: Process, port: UInt16) -> Bool {
        let deadline = Date(timeIntervalSinceNow: readyDeadlineSeconds)
        while process.isRunning, Date() < deadline {
            if LoopbackSocket.accepts(port: port) { return true }
            // Nothing tells when another program listens: ask again soon.
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    /// Stops and continues it: connections are made, and nothing is answered.
    public func freeze() { kill(pid, SIGSTOP) }
    public func thaw() { kill(pid, SIGCONT) }

    /// Ends the server and waits for it: SIGTERM, and SIGKILL when it does not go. Idempotent.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        guard process.isRunning else { return }
        process.terminate()
        let deadline = Date(timeIntervalSinceNow: 5)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
