internal import Foundation

/// A frontend and a backend on free ports of loopback, asked with `tabletctl`; ended with its last reference.
final class BenchCluster {
    private let frontend: MeasuredDaemon
    private let backend: MeasuredDaemon
    private let tabletctl: String
    private let folder: String
    private let scheme: String
    private let environment: [String: String]

    /// - Parameter certificates: nil: nothing is encrypted, and root has no password.
    init(folder: String, certificates: BenchCertificates?) throws {
        self.folder = folder
        tabletctl = MeasuredDaemon.besideThis("tabletctl")
        scheme = certificates == nil ? "http" : "https"
        var (ofBackend, ofFrontend) = (
            MeasuredDaemon.backendSettings(storage: folder + "/storage"),
            [
                "meta_dir": folder + "/meta", "load_spool_dir": folder + "/spool", "http_port": "0", "rpc_port": "0",
                "query_port": "0", "bind_host": "127.0.0.1", "advertised_host": "127.0.0.1",
                "sys_log_level": "WARNING", "heartbeat_interval_second": "1",
            ]
        )
        try FileManager.default.createDirectory(atPath: folder + "/storage", withIntermediateDirectories: true)
        if let certificates {
            let tls = [
                "tls": "require", "tls_certificate_file": certificates.certificate, "tls_key_file": certificates.key,
                "tls_ca_file": certificates.authority,
            ]
            ofBackend.merge(tls) { $1 }
            ofFrontend.merge(tls) { $1 }
            ofFrontend["initial_root_password_file"] = certificates.passwordFile
            environment = [
                "TABLETD_USER": "root", "TABLETD_PASSWORD": BenchCertificates.password,
                "TABLETD_CA_FILE": certificates.authority,
            ]
        } else {
            environment = [:]
        }
        backend = try MeasuredDaemon(
            MeasuredDaemon.besideThis("tabletd-be"), folder: folder + "/be", settings: ofBackend)
        frontend = try MeasuredDaemon(
            MeasuredDaemon.besideThis("tabletd-fe"), folder: folder + "/fe", settings: ofFrontend)
        try control("add-backend", "127.0.0.1:\(backend.ports["heartbeat_service_port"] ?? 0)", "--wait")
    }

    var queryPort: Int { frontend.ports["query_port"] ?? 0 }

    /// Runs `tabletctl`; its output goes nowhere. - Returns: seconds.
    @discardableResult
    func control(_ words: String...) throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tabletctl)
        process.arguments = words + ["--fe", "\(scheme)://127.0.0.1:\(frontend.ports["http_port"] ?? 0)"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        return try secondsOf {
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw BenchError("`tabletctl \(words.joined(separator: " "))` ended with \(process.terminationStatus)")
            }
        }
    }
}

/// A CA of the bench's own, a certificate of it for 127.0.0.1, and a password.
struct BenchCertificates {
    static let password = "of the bench"
    let authority: String
    let certificate: String
    let key: String
    let passwordFile: String

    init(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = folder + "/ca.pem"
        certificate = folder + "/server.pem"
        key = folder + "/server.key"
        passwordFile = folder + "/password"
        try (Self.password + "\n").write(toFile: passwordFile, atomically: true, encoding: .utf8)
        let names = folder + "/names"
        try "subjectAltName = IP:127.0.0.1\n".write(toFile: names, atomically: true, encoding: .utf8)
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try Self.openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=bench CA", "-keyout", folder + "/ca.key", "-out", authority]
                + curve)
        try Self.openssl(["req", "-subj", "/CN=bench", "-keyout", key, "-out", folder + "/server.csr"] + curve)
        try Self.openssl([
            "x509", "-req", "-in", folder + "/server.csr", "-CA", authority, "-CAkey", folder + "/ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", names, "-out", certificate,
        ])
    }

    private static func openssl(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError("openssl \(words.first ?? "") failed") }
    }
}
