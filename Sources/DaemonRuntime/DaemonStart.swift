internal import Glibc
public import Logging
public import NodeConfiguration
public import ServiceLifecycle
internal import UnixSignals

/// The command line that both daemons have, from the configuration file to the exit code: loads, checks, sets logging
/// up, and runs. Does not return when the process has to end with another code than 0.
///
/// - Parameters:
///   - path: the configuration file; `overrides` are `key=value` and win over it.
///   - checksOnly: print every problem and notice, and return without running.
///   - log: where the configuration says how to log.
public func runDaemon<Schema: ConfigurationSchema>(
    _ program: String, _ schema: Schema.Type, path: String, overrides: [String], checksOnly: Bool,
    log: (Schema) -> LogSettings, _ run: (Schema, Logger) async throws -> Void
) async {
    let loaded: (configuration: Schema, notices: [ConfigurationProblem])
    do {
        loaded = try loadConfiguration(schema, path: path, overrides: overrides)
    } catch let error as ConfigurationError {
        complain(error)
        exit(DaemonExit.badConfiguration)
    } catch {
        complain("\(program): \(error)")
        exit(DaemonExit.failure)
    }
    if checksOnly {
        for notice in loaded.notices { complain("notice: \(notice)") }
        print("\(path): the configuration is good")
        return
    }
    do {
        try LogLines.bootstrap(log(loaded.configuration))
        let logger = Logger(label: String(program.suffix(2)))
        for notice in loaded.notices { logger.notice("configuration notice", metadata: ["notice": "\(notice)"]) }
        try await run(loaded.configuration, logger)
    } catch {
        complain("\(program): \(error)")
        exit(DaemonExit.failure)
    }
}

/// Runs a daemon's parts until SIGTERM, SIGINT, or the failure of one; they stop in reverse order.
///
/// - Parameter limit: the whole stop may take so long; then the process ends whatever still runs.
public func runUntilStopped(_ services: [any Service], stoppingWithin limit: Duration, logger: Logger) async throws {
    var group = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = limit
    try await ServiceGroup(configuration: group).run()
}
