internal import AccessControl
public import Logging
public import NIOSSL
public import NodeConfiguration
public import NodeMetrics
public import StatusHTTP
internal import Synchronization
internal import TabletModel
internal import TransportSecurity

/// Who gets to the ports of this daemon, and how they are encrypted. Any thread.
public final class DaemonDoors: Sendable {
    private let hosts: AllowedHosts
    private let mode: TLSSettings.Mode
    private let tls: TLSSettings
    private let certificates: ServerCertificates?
    private let logger: Logger
    private let refusals = Mutex<[String: Refusals]>([:])

    private struct Refusals {
        var count: Int64 = 0
        /// Since the last line.
        var untold: Int64 = 0
        var nextLine = ContinuousClock.now
    }

    /// - Throws: `CertificateError` when a file of the TLS settings can't be used.
    public init(_ access: AccessSettings, _ tls: TLSSettings, logger: Logger) throws {
        hosts = access.allowedHosts
        mode = tls.mode
        self.tls = tls
        self.logger = logger
        certificates =
            tls.isOn
            ? try ServerCertificates(CertificateFiles(certificate: tls.certificateFile, key: tls.keyFile)) : nil
    }

    public var http: PortRules {
        var encryption = PortRules.Encryption.none
        if let certificates {
            switch mode {
            case .off: break
            case .accept, .prefer: encryption = .offered { certificates.context }
            case .require: encryption = .required { certificates.context }
            }
        }
        return PortRules(encryption: encryption, allowedHosts: hosts) { [self] in note($0, at: "HTTP") }
    }

    /// By which others reach the HTTP ports of the cluster.
    public var scheme: String { tls.callsUseTLS ? "https" : "http" }
    /// The cluster's CA; nil: the system's.
    public var caFile: String? { tls.caFile.isEmpty ? nil : tls.caFile }

    /// For the SQL port: what a client that asks for TLS gets; nil: there is none.
    public var context: NIOSSLContext? { certificates?.context }
    public var requiresTLS: Bool { mode == .require }

    /// Whether a caller may come in at a port; notes it if not.
    public func isAllowed(_ host: String, at port: String) -> Bool {
        guard !hosts.contains(host) else { return true }
        note(host, at: port)
        return false
    }

    /// Refused callers by port, since the start.
    public var refused: [(port: String, count: Int64)] {
        refusals.withLock { $0.map { ($0.key, $0.value.count) } }.sorted { $0.0 < $1.0 }
    }

    /// Reads the certificates again, for new connections: on SIGHUP.
    /// - Parameter others: reads those of other ports again.
    public func reload(_ others: () throws -> Void) {
        guard let certificates else { return }
        do {
            try certificates.reload()
            try others()
            logger.notice("SIGHUP: the certificates were read anew")
        } catch {
            logger.error("SIGHUP: the old certificates stay", metadata: ["reason": "\(error)"])
        }
    }

    /// A line a minute for each port: what a stranger can cause at will must not fill a disk.
    private func note(_ host: String, at port: String) {
        let now = ContinuousClock.now
        let told: Int64? = refusals.withLock { all in
            all[port, default: Refusals()].count += 1
            all[port, default: Refusals()].untold += 1
            guard let known = all[port], now >= known.nextLine else { return nil }
            all[port]?.untold = 0
            all[port]?.nextLine = now + .seconds(60)
            return known.untold
        }
        guard let told else { return }
        logger.warning(
            "callers were refused: they are in none of allowed_hosts",
            metadata: ["port": "\(port)", "last": "\(host)", "since_last_line": "\(told)"])
    }
}

/// How many callers of each port were in none of `allowed_hosts`.
public func publishRefusedCallers(_ doors: DaemonDoors, in metrics: MetricsRegistry) {
    let name = "tabletd_refused_callers"
    metrics.together([MetricDescription(name, "Callers that were in none of allowed_hosts, by port.")]) {
        doors.refused.map { MetricRow(name, [("port", $0.port)], Double($0.count)) }
    }
}
