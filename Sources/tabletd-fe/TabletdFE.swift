import ArgumentParser
import DaemonRuntime
import NodeConfiguration

/// The FE daemon's command line.
@main
struct TabletdFE: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabletd-fe",
        abstract: "The master of a tabletd cluster.",
        discussion: """
            Heartbeats the backends, takes their reports, runs loads and cooldown, and keeps the metadata in a journal and
            images under meta_dir. SIGTERM and SIGINT end it gracefully.

            EXAMPLES
              tabletd-fe --config etc/fe.conf
              tabletd-fe --config etc/fe.conf --check-config
              tabletd-fe --config etc/fe.conf --set http_port=18030

            EXIT CODES
              0  ended gracefully   1  could not start or failed   2  the configuration is wrong
            """,
        version: FrontendDaemon.version)

    @Option(help: "The configuration file (etc/fe.conf shows every key).")
    var config: String
    @Option(help: "A key=value that wins over the file; may be repeated.")
    var set: [String] = []
    @Flag(help: "Check the configuration, print every problem, and end.")
    var checkConfig = false

    func run() async {
        await runDaemon(
            "tabletd-fe", FrontendConfiguration.self, path: config, overrides: set, checksOnly: checkConfig, log: \.log
        ) { configuration, logger in
            try await FrontendDaemon(configuration, source: config, logger: logger).run()
        }
    }
}
