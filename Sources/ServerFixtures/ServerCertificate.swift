internal import Foundation

/// A certificate and its key, PEM files.
public struct ServerCertificate: Sendable {
    public var certificateFile: String
    public var keyFile: String

    /// A self-signed one for 127.0.0.1.
    public static func make(in folder: TemporaryFolder) throws -> ServerCertificate {
        let certificate = ServerCertificate(
            certificateFile: folder.path + "/cert.pem", keyFile: folder.path + "/key.pem")
        let openssl = Process()
        openssl.executableURL = try ServerBinary.find("openssl", variable: "TABLETD_OPENSSL")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=tabletd test", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate.certificateFile,
            "-keyout", certificate.keyFile,
        ]
        openssl.standardError = FileHandle.nullDevice
        openssl.standardInput = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw FixtureError("openssl made no certificate") }
        return certificate
    }
}
