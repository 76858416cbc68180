internal import Foundation

/// `moto_server`: a second S3 server, written by others. Keeps everything in memory and believes any signature.
public final class MotoServer: Sendable {
    public let endpoint: String
    public let process: ServerProcess
    private let folder: TemporaryFolder

    public init() throws {
        let program = try ServerBinary.find("moto_server", variable: "TABLETD_MOTO")
        let folder = try TemporaryFolder()
        process = try ServerProcess.start(program, in: folder) { ["-H", "127.0.0.1", "-p", String($0)] }
        self.folder = folder
        endpoint = "http://127.0.0.1:\(process.port)"
    }

    public func stop() { process.stop() }
}
