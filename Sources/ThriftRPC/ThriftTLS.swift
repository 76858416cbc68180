internal import CThrift

/// Where a process' keys lie: PEM files.
public struct TLSFiles: Hashable, Sendable {
    /// The own certificate, followed by those that lead from it to its authority. Peers reach this process under its
    /// subjectAltNames; one that is used for both sides has both serverAuth and clientAuth in its extendedKeyUsage, or none.
    public var certificate: String?
    /// Its key, without a passphrase.
    public var key: String?
    /// Certificates of the authorities that peers' certificates come from. nil: calls trust the system's, and callers can't be
    /// asked for theirs.
    public var authorities: String?

    public init(certificate: String? = nil, key: String? = nil, authorities: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.authorities = authorities
    }
}

/// A process' keys for Thrift, shared by its servers and connectors. `@unchecked Sendable`: the pointer never changes, and
/// `CThrift` locks what is behind it.
public final class ThriftTLS: @unchecked Sendable {
    let handle: OpaquePointer

    /// Reads the files.
    public init(_ files: TLSFiles) throws(TLSError) {
        var paths = wire.TLSFiles()
        paths.certificate = text(files.certificate ?? "")
        paths.key = text(files.key ?? "")
        paths.authorities = text(files.authorities ?? "")
        guard let handle = wire.makeTLS(paths) else { throw TLSError("out of memory") }
        self.handle = handle
        try reload()
    }

    deinit { wire.freeTLS(handle) }

    /// Reads the files again: connections that come after it use them, open ones go on with what they began with.
    /// - Throws: why not; what was read before stays in use.
    public func reload() throws(TLSError) {
        var error = wire.Text()
        guard wire.loadTLS(handle, &error) else {
            let reason = string(error)
            throw TLSError(reason.isEmpty ? "out of memory" : reason)
        }
    }
}

/// Why keys can't be used. Names files, and nothing of what is in them.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// How a port speaks TLS.
public struct ServerTLS: Sendable {
    public enum Mode: String, CaseIterable, Hashable, Sendable {
        case off
        /// The first byte of a connection decides: while a cluster changes over.
        case both
        /// Who speaks without is refused.
        case on

        var wireValue: Int32 {
            switch self {
            case .off: wire.tlsOff
            case .both: wire.tlsBoth
            case .on: wire.tlsOn
            }
        }
    }

    public var keys: ThriftTLS
    public var mode: Mode
    /// Who speaks TLS shows a certificate of one of the authorities.
    public var requiresClientCertificate: Bool

    public init(_ keys: ThriftTLS, mode: Mode = .on, requiresClientCertificate: Bool = false) {
        self.keys = keys
        self.mode = mode
        self.requiresClientCertificate = requiresClientCertificate
    }
}
