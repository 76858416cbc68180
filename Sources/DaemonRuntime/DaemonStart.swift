internal import Glibc
public import Logging
public import NodeConfiguration

/// The command line that both daemons have, from the configuration file to the exit code: loads, checks, sets logging
/// up, and runs. Returns only when nothing was to be run: otherwise it ends the process (`endProcess`).
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
        loaded = try loadConfiguration(schema, path: path, overrides: overrides, checksOnly: checksOnly)
    } catch let error as ConfigurationError {
        complain(error)
        endProcess(DaemonExit.badConfiguration)
    } catch {
        complain("\(program): \(error)")
        endProcess(DaemonExit.failure)
    }
    if checksOnly {
        for notice in loaded.notices { complain("notice: \(notice)") }
        print("\(path): the configuration is good")
        return
    }
    // Until the parts run and know what to do about it, a SIGHUP must not end the process.
    signal(SIGHUP, SIG_IGN)
    do {
        try LogLines.bootstrap(log(loaded.configuration))
        let logger = Logger(label: String(program.suffix(2)))
        for notice in loaded.notices { logger.notice("configuration notice", metadata: ["notice": "\(notice)"]) }
        try await run(loaded.configuration, logger)
        endProcess(0)
    } catch {
        complain("\(program): \(error)")
        endProcess(DaemonExit.failure)
    }
}
