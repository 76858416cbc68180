internal import Foundation
internal import Synchronization

/// `rclone serve s3` over a temporary folder: a real S3 server that checks signatures. Buckets are folders.
public final class RcloneS3Server: Sendable {
    public let accessKey: String
    public let secretKey: String
    /// `http://127.0.0.1:port`, or https with a certificate.
    public let endpoint: String
    public let port: UInt16
    private let folder: TemporaryFolder
    private let program: URL
    private let options: [String]
    private let running: Mutex<ServerProcess>

    /// - Parameter certificate: the server then speaks TLS.
    public init(
        buckets: [String] = ["bucket"], accessKey: String = "AKIDTABLETD", secretKey: String = "secret-of-the-tests",
        certificate: ServerCertificate? = nil, usesVirtualHosts: Bool = false
    ) throws {
        let program = try ServerBinary.find("rclone", variable: "TABLETD_RCLONE")
        let folder = try TemporaryFolder()
        let root = try folder.makeDirectory("buckets")
        for bucket in buckets { _ = try folder.makeDirectory("buckets/" + bucket) }
        var options = ["serve", "s3", "--config", "", "--auth-key", "\(accessKey),\(secretKey)", root]
        if usesVirtualHosts { options.append("--force-path-style=false") }
        if let certificate { options += ["--cert", certificate.certificateFile, "--key", certificate.keyFile] }
        let process = try ServerProcess.start(program, in: folder) { [options] in options + Self.address($0) }
        self.program = program
        self.options = options
        self.folder = folder
        self.accessKey = accessKey
        self.secretKey = secretKey
        port = process.port
        running = Mutex(process)
        endpoint = (certificate == nil ? "http" : "https") + "://127.0.0.1:\(process.port)"
    }

    private static func address(_ port: UInt16) -> [String] { ["--addr", "127.0.0.1:\(port)"] }

    public var process: ServerProcess { running.withLock { $0 } }

    /// After `stop`: the same port, buckets and objects again.
    /// - Parameter secret: what it knows its key by from now on; nil: what it did.
    public func startAgain(secret: String? = nil) throws {
        let keys = secret.map { ["--auth-key", "\(accessKey),\($0)"] } ?? []
        let process = try ServerProcess.start(program, in: folder, port: port) { options + keys + Self.address($0) }
        running.withLock { $0 = process }
    }

    /// While `body` runs, requests are taken and not answered.
    public func whileFrozen(_ body: () throws -> Void) rethrows {
        let process = process
        process.freeze()
        defer { process.thaw() }
        try body()
    }

    /// Keys of a bucket's objects, sorted.
    public func objects(in bucket: String = "bucket") throws -> [String] {
        let folder = root + "/" + bucket
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }

    /// The folder whose sub-folders are the buckets.
    public var root: String { folder.path + "/buckets" }

    public func stop() { process.stop() }
}
