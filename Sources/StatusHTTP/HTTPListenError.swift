internal import Glibc
internal import NIOCore

/// An HTTP port that could not be opened, in one line: the address, the reason, and the keys to correct.
public struct HTTPListenError: Error, Sendable, CustomStringConvertible {
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
            "can't listen on \(host):\(port) for HTTP: \(reason)" + (step.isEmpty ? "" : " (\(step))")
            + "; see \(keys) in the configuration"
    }
}
