public import NodeConfiguration

/// How a daemon's process ended, for its exit code.
public enum DaemonExit {
    /// It could not start, or a part of it failed.
    public static let failure: Int32 = 1
    /// The configuration is wrong; every problem was printed.
    public static let badConfiguration: Int32 = 2
}

/// Prints every problem of a configuration to standard error, a line each.
public func complain(_ error: ConfigurationError) {
    for problem in error.problems { complain(problem.description) }
}
