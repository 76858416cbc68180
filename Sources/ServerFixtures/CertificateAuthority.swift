internal import Foundation

/// A CA of a test's own, and what it signs.
public final class CertificateAuthority: Sendable {
    public let certificateFile: String
    private let keyFile: String
    private let folder: TemporaryFolder

    public init(in folder: TemporaryFolder, name: String = "ca") throws {
        self.folder = folder
        certificateFile = "\(folder.path)/\(name).pem"
        keyFile = "\(folder.path)/\(name).key"
        try Self.openssl(
            ["req", "-x509"] + Self.newKey + [
                "-days", "2", "-subj", "/CN=tabletd test \(name)", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=keyCertSign", "-out", certificateFile, "-keyout", keyFile,
            ])
    }

    /// - Parameters:
    ///   - file: its name, without ending.
    ///   - names: as `subjectAltName` has them.
    ///   - days: of life from now; negative: it has expired.
    ///   - usage: an extendedKeyUsage; nil: for everything.
    public func issue(
        _ file: String, names: String = "IP:127.0.0.1", days: Int = 2, usage: String? = nil
    ) throws -> ServerCertificate {
        let path = "\(folder.path)/\(file)"
        let made = ServerCertificate(certificateFile: path + ".pem", keyFile: path + ".key")
        try Self.openssl(
            ["req", "-new"] + Self.newKey + [
                "-subj", "/CN=tabletd test", "-out", path + ".csr", "-keyout", made.keyFile,
            ])
        let extensions = "subjectAltName=\(names)\n" + (usage.map { "extendedKeyUsage=\($0)\n" } ?? "")
        try Data(extensions.utf8).write(to: URL(fileURLWithPath: path + ".ext"))
        try Self.openssl([
            "x509", "-req", "-in", path + ".csr", "-CA", certificateFile, "-CAkey", keyFile, "-CAcreateserial",
            "-days", "\(days)", "-extfile", path + ".ext", "-out", made.certificateFile,
        ])
        return made
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func openssl(_ arguments: [String]) throws {
        let result = try ClientProgram.run(ServerBinary.find("openssl", variable: "TABLETD_OPENSSL"), arguments)
        guard result.status == 0 else { throw FixtureError("openssl \(arguments[0]): \(result.error)") }
    }
}
