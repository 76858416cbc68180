public import Foundation

/// A program that runs to its end for a test.
public enum ClientProgram {
    public struct Result: Sendable {
        public var status: Int32
        public var output: String
        public var error: String
    }

    /// - Throws: `FixtureError` when it has not ended in time; it is killed then.
    public static func run(
        _ program: URL, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        within seconds: Double = 120
    ) throws -> Result {
        let folder = try TemporaryFolder()
        let files = ["in", "out", "err"].map { URL(fileURLWithPath: "\(folder.path)/\($0)") }
        try Data(input.utf8).write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let isLate = ended.wait(timeout: .now() + seconds) == .timedOut
        if isLate {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
        }
        let texts = try files[1...].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        guard !isLate else {
            throw FixtureError("\(program.lastPathComponent) has not ended in \(seconds) s: \(texts.joined())")
        }
        return Result(status: process.terminationStatus, output: texts[0], error: texts[1])
    }
}
