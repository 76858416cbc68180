/// How the ports of a daemon, and its calls to other daemons, are encrypted; the same for BE and FE.
public struct TLSSettings: ConfigurationValues, Hashable {
    /// In this order a cluster changes over, each on all daemons before the next.
    public enum Mode: String, CaseIterable, Sendable {
        case off
        /// Ports take plain and TLS; calls are plain.
        case accept
        /// Ports take plain and TLS; calls use TLS.
        case prefer
        /// Nothing is plain.
        case require
    }

    public var mode = Mode.off
    public var certificateFile = ""
    public var keyFile = ""
    public var caFile = ""
    public var verifiesClients = false

    public init() {}

    public var isOn: Bool { mode != .off }
    /// Calls to other daemons of the cluster use TLS.
    public var callsUseTLS: Bool { mode == .prefer || mode == .require }

    static let keys: [ConfigurationKey<TLSSettings>] = [
        .choice(
            .ours, "tls", \.mode,
            "Encryption of all ports (HTTP, SQL, Thrift) and of calls between daemons. accept: ports take both, calls are plain; "
                + "prefer: ports take both, calls use TLS; require: nothing is plain. A cluster changes over in that order. Peers "
                + "that are Doris' own speak no TLS on Thrift."),
        .path(
            .ours, "tls_certificate_file", \.certificateFile,
            "PEM file with the daemon's certificate and those between it and the CA. Read again on SIGHUP."),
        .path(.ours, "tls_key_file", \.keyFile, "PEM file with the certificate's private key."),
        .path(
            .ours, "tls_ca_file", \.caFile,
            "PEM file with the CA that signs the certificates of the cluster's daemons. Empty: the system's."),
        .boolean(
            .ours, "tls_verify_clients", \.verifiesClients,
            "Thrift ports take only callers that show a certificate of that CA: so frontends and backends know each other."
        ),
    ]

    var conflicts: [(key: String, message: String)] {
        var found: [(key: String, message: String)] = []
        if certificateFile.isEmpty != keyFile.isEmpty {
            found.append(
                ("tls_key_file", "a certificate and its key go together: tls_certificate_file and tls_key_file"))
        }
        if isOn, certificateFile.isEmpty {
            found.append(
                ("tls_certificate_file", "is empty, and tls = \(mode.rawValue) needs a certificate and its key"))
        }
        if verifiesClients, caFile.isEmpty {
            found.append(("tls_ca_file", "is empty, and tls_verify_clients needs the CA of the cluster"))
        }
        return found
    }

    var namedFiles: [NamedFile] {
        [("tls_certificate_file", certificateFile), ("tls_ca_file", caFile)].filter { !$0.1.isEmpty }
            .map { NamedFile(key: $0.0, path: $0.1, use: .certificates) }
    }
}
