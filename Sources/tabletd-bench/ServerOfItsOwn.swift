internal import Foundation

/// This program again, as a server that tells its port.
final class ServerOfItsOwn {
    let port: Int
    private let process = Process()
    private let input = Pipe()

    init(_ command: String, _ arguments: [String] = []) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [command] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchError("\(command) did not tell its port")
        }
        self.port = port
    }

    /// Ends it by the end of its input.
    func stop() {
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
    }
}
