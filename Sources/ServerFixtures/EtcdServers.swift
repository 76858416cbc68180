internal import Foundation
internal import Synchronization

/// A cluster of real etcd processes on loopback, 1 or 3 of them, in a temporary folder. Members are killed, stopped, continued
/// and started again one by one; what still runs ends with the last reference.
public final class EtcdServers: Sendable {
    public let count: Int
    /// `http://127.0.0.1:port` of each member, or https with a certificate.
    public let endpoints: [String]
    /// Of each member's clients.
    public var ports: [UInt16] { members.map(\.client) }
    private let folder: TemporaryFolder
    private let program: URL
    private let options: [String]
    private let scheme: String
    private let members: [(client: UInt16, peer: UInt16)]
    /// nil: it does not run.
    private let running: Mutex<[ServerProcess?]>

    /// - Parameters:
    ///   - quotaBytes: of the database; nil: etcd's own 2 GiB.
    ///   - certificate: the members then speak TLS to clients, and want them to prove themselves with the same one.
    public init(count: Int = 1, quotaBytes: Int? = nil, certificate: ServerCertificate? = nil) throws {
        self.count = count
        program = try ServerBinary.find("etcd", variable: "TABLETD_ETCD")
        folder = try TemporaryFolder()
        // A short heartbeat: a new leader is found soon.
        var options = ["--heartbeat-interval", "50", "--election-timeout", "500", "--log-level", "error"]
        if let quotaBytes { options += ["--quota-backend-bytes", String(quotaBytes)] }
        if let certificate {
            options += [
                "--client-cert-auth", "--trusted-ca-file", certificate.certificateFile, "--cert-file",
                certificate.certificateFile, "--key-file", certificate.keyFile,
            ]
        }
        let scheme = certificate == nil ? "http" : "https"
        self.options = options
        self.scheme = scheme
        // All members must know all ports before any of them runs: begin again when one is taken meanwhile.
        for attempt in 0..<3 {
            var ports: [(client: UInt16, peer: UInt16)] = []
            for _ in 0..<count { ports.append((try LoopbackSocket.freePort(), try LoopbackSocket.freePort())) }
            do {
                let started = try Self.start(0..<count, ports, scheme, program, options, folder, state: "new")
                members = ports
                endpoints = ports.map { "\(scheme)://127.0.0.1:\($0.client)" }
                running = Mutex(started)
                return
            } catch {
                if attempt == 2 { throw error }
                for member in 0..<count { try Self.removeData(folder, member) }
            }
        }
        throw FixtureError("etcd did not start")
    }

    /// Starts members together: none is ready before most of them are there.
    private static func start(
        _ members: Range<Int>, _ ports: [(client: UInt16, peer: UInt16)], _ scheme: String, _ program: URL,
        _ options: [String], _ folder: TemporaryFolder, state: String
    ) throws -> [ServerProcess] {
        let cluster = ports.enumerated().map { "n\($0.offset)=http://127.0.0.1:\($0.element.peer)" }
            .joined(separator: ",")
        var started: [ServerProcess] = []
        for member in members {
            let client = "\(scheme)://127.0.0.1:\(ports[member].client)"
            let peer = "http://127.0.0.1:\(ports[member].peer)"
            started.append(
                try ServerProcess.launch(
                    program, in: folder, name: "n\(member)", port: ports[member].client,
                    arguments: [
                        "--name", "n\(member)", "--data-dir", dataFolder(folder, member), "--listen-client-urls",
                        client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                        "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster,
                        "--initial-cluster-state", state,
                    ] + options))
        }
        for process in started { try process.waitUntilReady() }
        return started
    }

    private static func dataFolder(_ folder: TemporaryFolder, _ member: Int) -> String {
        "\(folder.path)/n\(member)"
    }

    private static func removeData(_ folder: TemporaryFolder, _ member: Int) throws {
        let path = dataFolder(folder, member)
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }

    // MARK: What befalls members

    public func freeze(_ member: Int) { process(member)?.freeze() }
    public func thaw(_ member: Int) { process(member)?.thaw() }

    /// `kill -9`, and waits for its end.
    public func kill(_ member: Int) {
        let process = running.withLock { running in
            defer { running[member] = nil }
            return running[member]
        }
        process?.kill()
    }

    /// With the data it had, on the same ports. Returns when it accepts connections.
    public func startAgain(_ member: Int) throws {
        let process = try Self.start(member..<member + 1, members, scheme, program, options, folder, state: "existing")[
            0]
        running.withLock { $0[member] = process }
    }

    /// Kills all members and starts new ones without data on their ports: a new, empty cluster.
    public func wipe() throws {
        for member in 0..<count {
            kill(member)
            try Self.removeData(folder, member)
        }
        let started = try Self.start(0..<count, members, scheme, program, options, folder, state: "new")
        running.withLock { $0 = started }
    }

    /// Nothing of it is stopped for ever: a process that is stopped can't end.
    public func stop() {
        for member in 0..<count { kill(member) }
    }

    private func process(_ member: Int) -> ServerProcess? { running.withLock { $0[member] } }
}
