import ArgumentParser
import EtcdClient
import EtcdMetadata
import LocalFileSystem
import Logging
import Platform
import RocksDBStore
import ThreadRuntime

struct MetaMoveJournal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move-journal",
        abstract: "Carry the edit log of a cluster that does not run to etcd, or back into meta_dir.",
        discussion: """
            Stop all frontends first. An image of everything is written and read back, the log goes on behind it at the same log
            id, and what was written is read back. To etcd: then set journal_type = etcd and the etcd_… keys in fe.conf. Back:
            run it where the newest image is, set journal_type = embedded, and drop the other frontends.

            EXAMPLES
              tabletctl meta move-journal --to etcd --etcd-endpoints http://10.10.10.1:2379 --meta-dir doris-meta
              tabletctl meta move-journal --to embedded --etcd-endpoints http://10.10.10.1:2379 --meta-dir doris-meta
            """)

    enum Place: String, ExpressibleByArgument, CaseIterable { case etcd, embedded }

    @Option(help: "Where the edit log goes: etcd or embedded.") var to: Place
    @Option(help: "Members of the etcd cluster, http://host:port or https://host:port, with \",\" between.")
    var etcdEndpoints: String
    @Option(help: "Under which keys the cluster lies there, as etcd_prefix in fe.conf.") var etcdPrefix = "/tabletd"
    @Option(help: "As etcd_ca_file.") var etcdCaFile: String?
    @Option(help: "As etcd_certificate_file.") var etcdCertificateFile: String?
    @Option(help: "As etcd_key_file.") var etcdKeyFile: String?
    @Option(help: "As etcd_user.") var etcdUser: String?
    @Option(help: "As etcd_password_file.") var etcdPasswordFile: String?
    @OptionGroup var folder: MetaFolderOption
    @OptionGroup var global: GlobalOptions

    private struct MovedView: Codable {
        var clusterID: Int32
        var logID: Int64
        var place: String
    }

    func run() throws {
        let path = try folder.path
        let outcome = try explainingMetadata(path) {
            let client = try EtcdClient(settings())
            defer { client.shutdown() }
            let move = try JournalMove(
                path, files: LocalFileSystem(), stores: RocksDBStoreOpener(), client: client, prefix: etcdPrefix,
                time: ThreadScheduler(), gates: ThreadGates(), random: SystemRandomSource(),
                logger: Logger(label: "tabletctl") { _ in SwiftLogNoOpLogHandler() })
            return try to == .etcd ? move.toEtcd() : move.toEmbedded()
        }
        let view = MovedView(clusterID: outcome.clusterID, logID: outcome.logID, place: to.rawValue)
        try global.show(try encodeJSON(view), as: MovedView.self) { view in
            """
            the edit log of cluster \(view.clusterID) goes on behind log id \(view.logID) in \
            \(to == .etcd ? "etcd, below \(etcdPrefix)" : path + "/journal"); set journal_type = \(to.rawValue) in fe.conf before you \
            start the frontend
            """
        }
    }

    private func settings() throws -> EtcdSettings {
        let endpoints = etcdEndpoints.split(whereSeparator: { $0 == "," || $0 == ";" }).map { String($0) }
        guard !endpoints.isEmpty, endpoints.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) else {
            throw CLIError.usage("--etcd-endpoints is like http://10.10.10.1:2379")
        }
        let password = try etcdPasswordFile.map { path in
            guard let line = try LocalFileSystem().firstLine(of: absolutePath(path)) else {
                throw CLIError.usage("\(path) is empty: its first line is the password")
            }
            return line
        }
        return EtcdSettings(
            endpoints: endpoints, caFile: etcdCaFile, certificateFile: etcdCertificateFile, keyFile: etcdKeyFile,
            user: etcdUser, password: password)
    }
}
