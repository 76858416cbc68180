import Foundation
import ServerFixtures

/// A program of the package that runs for a test, with its output in files.
/// Unchecked: `process` is Foundation's, and a test uses it from one thread at a time.
final class Command: @unchecked Sendable {
    private let process = Process()
    private let outputFile: String
    private let errorFile: String
    private let words: String

    struct Result {
        var status: Int32
        var output: String
        var error: String
    }

    /// - Parameter folder: where its output goes.
    convenience init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in folder: String
    ) throws {
        try self.init(Self.program(program), arguments, environment: environment, in: folder)
    }

    /// Of a program that is not of this package.
    init(_ program: URL, _ arguments: [String], environment: [String: String] = [:], in folder: String) throws {
        let name = UUID().uuidString.lowercased()
        outputFile = "\(folder)/\(name).out"
        errorFile = "\(folder)/\(name).err"
        words = ([program.lastPathComponent] + arguments).joined(separator: " ")
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.openLog(outputFile)
        process.standardError = try Self.openLog(errorFile)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var isRunning: Bool { process.isRunning }

    func wait(within seconds: Double = 120) throws -> Result {
        try eventually("end of `\(words)`", within: seconds) { !process.isRunning }
        return Result(
            status: process.terminationStatus, output: try String(contentsOfFile: outputFile, encoding: .utf8),
            error: try String(contentsOfFile: errorFile, encoding: .utf8))
    }

    /// A file to append to, made when it is not there.
    static func openLog(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FixtureError("can't open \(path): errno \(errno)") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// The build puts a package's programs beside the bundle of its tests; TABLETD_BIN names another folder.
    static func program(_ name: String) throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        var folders = [
            Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent(),
        ]
        if let named = environment["TABLETD_BIN"] { folders.insert(URL(fileURLWithPath: named), at: 0) }
        for folder in folders {
            let candidate = folder.appendingPathComponent(name)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
        throw FixtureError(
            "\(name) is not in \(folders.map(\.path).joined(separator: ", ")): build the package, or set TABLETD_BIN"
        )
    }
}
