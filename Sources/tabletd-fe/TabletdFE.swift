import ArgumentParser
import DaemonRuntime
import NodeConfiguration

/// The FE daemon's command line.
@main
struct TabletdFE: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabletd-fe",
        abstract: "A frontend of a tabletd cluster: its master, or one that can become it.",
        discussion: """
            Heartbeats the backends, takes their reports, runs loads and cooldown, and keeps the metadata in a journal and
            images under meta_dir. With journal_type = etcd there may be several: one leads, the others follow it, and one of
            these takes over when it is gone. SIGTERM and SIGINT end it gracefully.

            EXAMPLES
              tabletd-fe --config etc/fe.conf
              tabletd-fe --config etc/fe.conf --check-config
              tabletd-fe --config etc/fe.conf --set http_port=18030
              tabletd-fe --config etc/fe.conf --helper 10.10.10.7:8030

            EXIT CODES
              0  ended gracefully   1  could not start or failed   2  the configuration is wrong
            """,
        version: FrontendDaemon.version)

    @Option(help: "The configuration file (etc/fe.conf shows every key).")
    var config: String
    @Option(help: "A key=value that wins over the file; may be repeated.")
    var set: [String] = []
    @Option(
        help: ArgumentHelp(
            "Join the cluster of this frontend (host and HTTP port): at the first start only, and after it was added there.",
            valueName: "host:port"))
    var helper: String?
    @Flag(help: "Check the configuration, print every problem, and end.")
    var checkConfig = false
    @Option(help: .hidden)
    var guardLeaseOf: Int32?

    func run() async {
        if let guardLeaseOf {
            await runDaemon(
                "tabletd-fe", FrontendConfiguration.self, path: config, overrides: set, checksOnly: false, log: \.log
            ) { configuration, logger in
                try LeaseGuardian(settings: configuration.etcdSettings(), logger: logger).run(parent: guardLeaseOf)
            }
            return
        }
        await runDaemon(
            "tabletd-fe", FrontendConfiguration.self, path: config, overrides: set, checksOnly: checkConfig, log: \.log
        ) { configuration, logger in
            let daemon = try FrontendDaemon(
                configuration, helper: helper, source: config, overrides: set, logger: logger)
            try await daemon.run()
        }
    }
}
