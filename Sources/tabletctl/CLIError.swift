/// What ends a command early: a sentence for people and an exit code for scripts.
struct CLIError: Error {
    var exitCode: Int32
    var message: String
    /// Something that the FE needs for it is away now, and may come back.
    var isUnavailable = false

    static func failed(_ message: String) -> CLIError { CLIError(exitCode: 1, message: message) }
    static func usage(_ message: String) -> CLIError { CLIError(exitCode: 2, message: message) }
    static func unreachable(_ message: String) -> CLIError { CLIError(exitCode: 3, message: message) }
    static func notFound(_ message: String) -> CLIError { CLIError(exitCode: 4, message: message) }
    static func timedOut(_ message: String) -> CLIError { CLIError(exitCode: 5, message: message) }
    /// The command did its work, and what it found is not well: replicas are unhealthy, or differ.
    static func unwell(_ message: String) -> CLIError { CLIError(exitCode: 6, message: message) }

    var isUnreachable: Bool { exitCode == 3 }
}
