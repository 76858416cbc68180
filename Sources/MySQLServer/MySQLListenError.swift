internal import Glibc
internal import NIOCore

/// The SQL port could not be opened: the address, the reason, and the keys to correct, in one line.
public struct MySQLListenError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(host: String, port: Int, keys: String, cause: any Error) {
        let reason: String
        let step: String
        switch cause {
        case let error as IOError:
            reason = String(cString: strerror(error.errnoCode))
            step = error.errnoCode == EADDRINUSE ? "another process has the port" : ""
        default: (reason, step) = ("\(cause)", "")
        }
        description =
            "can't listen on \(host):\(port) for SQL: \(reason)" + (step.isEmpty ? "" : " (\(step))")
            + "; see \(keys) in the configuration"
    }
}
