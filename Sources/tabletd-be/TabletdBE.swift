import ArgumentParser
import DaemonRuntime
import NodeConfiguration

/// The BE daemon's command line.
@main
struct TabletdBE: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tabletd-be",
        abstract: "The storage node of a tabletd (or Apache Doris) cluster.",
        discussion: """
            Answers the FE's heartbeats and tasks, keeps tablets in the data dirs of storage_root_path, reports them, and
            cools them down to S3. SIGTERM and SIGINT end it gracefully.

            EXAMPLES
              tabletd-be --config etc/be.conf
              tabletd-be --config etc/be.conf --check-config
              tabletd-be --config etc/be.conf --set be_port=19060 --set storage_root_path=/data1;/data2

            EXIT CODES
              0  ended gracefully   1  could not start or failed   2  the configuration is wrong
            """,
        version: BackendDaemon.version)

    @Option(help: "The configuration file (etc/be.conf shows every key).")
    var config: String
    @Option(help: "A key=value that wins over the file; may be repeated.")
    var set: [String] = []
    @Flag(help: "Check the configuration, print every problem, and end.")
    var checkConfig = false

    func run() async {
        await runDaemon(
            "tabletd-be", BackendConfiguration.self, path: config, overrides: set, checksOnly: checkConfig, log: \.log
        ) { configuration, logger in
            try await BackendDaemon(configuration, source: config, logger: logger).run()
        }
    }
}
