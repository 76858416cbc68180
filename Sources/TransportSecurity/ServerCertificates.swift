public import NIOSSL
internal import Synchronization

/// Where a port's certificate, its key and the CA are: PEM files.
public struct CertificateFiles: Hashable, Sendable {
    public var certificate: String
    public var key: String
    /// Who signs the certificates of clients; nil: nobody's are looked at.
    public var clientCA: String?
    /// A client without a certificate of that CA is refused.
    public var requiresClientCertificate: Bool

    public init(certificate: String, key: String, clientCA: String? = nil, requiresClientCertificate: Bool = false) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
        self.requiresClientCertificate = requiresClientCertificate
    }
}

/// Why certificates can't be used: names the file, never what is in it.
public struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// The certificates of the ports, as they were read last. Any thread.
public final class ServerCertificates: Sendable {
    private let files: CertificateFiles
    private let current: Mutex<NIOSSLContext>

    /// - Throws: `CertificateError`
    public init(_ files: CertificateFiles) throws(CertificateError) {
        self.files = files
        current = Mutex(try Self.read(files))
    }

    /// For a new connection; those that there are keep what they began with.
    public var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files again. On an error the old ones stay.
    public func reload() throws(CertificateError) {
        let new = try Self.read(files)
        current.withLock { $0 = new }
    }

    private static func read(_ files: CertificateFiles) throws(CertificateError) -> NIOSSLContext {
        let chain: [NIOSSLCertificate] = try of(files.certificate, "no certificate") {
            try NIOSSLCertificate.fromPEMFile(files.certificate)
        }
        guard !chain.isEmpty else {
            throw CertificateError(
                description: "\(files.certificate) has no certificate: it is a PEM file, the server's own first")
        }
        let key = try of(files.key, "no private key") { try NIOSSLPrivateKey(file: files.key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if let ca = files.clientCA {
            let roots = try of(ca, "no CA") { try NIOSSLCertificate.fromPEMFile(ca) }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = files.requiresClientCertificate ? .noHostnameVerification : .none
        }
        let ready = configuration
        return try of(files.certificate, "not usable with the key \(files.key)") {
            try NIOSSLContext(configuration: ready)
        }
    }

    private static func of<Value>(
        _ file: String, _ trouble: String, _ body: () throws -> Value
    ) throws(CertificateError) -> Value {
        do {
            return try body()
        } catch {
            throw CertificateError(description: "\(file) is \(trouble): \(error)")
        }
    }
}
