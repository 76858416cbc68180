/// `openssl s_server` and `s_client`: a second opinion on TLS, with versions that ours does not speak.
public enum OpenSSLPeer {
    /// A server for one version, such as `-tls1_1`, however weak.
    public static func serve(
        _ certificate: ServerCertificate, _ version: String, in folder: TemporaryFolder
    ) throws -> ServerProcess {
        try ServerProcess.start(
            try ServerBinary.find("openssl", variable: "TABLETD_OPENSSL"), in: folder,
            arguments: {
                [
                    "s_server", "-accept", "127.0.0.1:\($0)", "-cert", certificate.certificateFile, "-key",
                    certificate.keyFile, version, "-cipher", "ALL:@SECLEVEL=0", "-quiet",
                ]
            })
    }

    /// Tries a handshake of one version; true: it succeeded.
    public static func connects(port: Int32, _ version: String) throws -> Bool {
        try ClientProgram.run(
            ServerBinary.find("openssl", variable: "TABLETD_OPENSSL"),
            [
                "s_client", "-connect", "127.0.0.1:\(port)", version, "-cipher", "ALL:@SECLEVEL=0",
            ]
        ).status == 0
    }
}
