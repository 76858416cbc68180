internal import CThrift
internal import Logging
internal import Platform

/// What a server's threads call besides its handler: where its log lines go, and who may come in.
final class ServerContext: Sendable {
    private let service: String
    private let logger: Logger
    private let admits: (@Sendable (CallerHost) -> Bool)?

    init(service: String, logger: Logger, admits: (@Sendable (CallerHost) -> Bool)?) {
        self.service = service
        self.logger = logger
        self.admits = admits
    }

    /// The options own this object from now on.
    func hook(into options: inout wire.ServerOptions) {
        options.context = Unmanaged.passRetained(self).toOpaque()
        options.log = { context, level, line in ServerContext.at(context)?.write(level, String(cString: line)) }
        options.releaseContext = { context in
            guard let context else { return }
            Unmanaged<ServerContext>.fromOpaque(context).release()
        }
        guard admits != nil else { return }
        options.admits = { context, caller in
            ServerContext.at(context)?.admits?(CallerHost(String(cString: caller))) ?? false
        }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> ServerContext? {
        context.map { Unmanaged<ServerContext>.fromOpaque($0).takeUnretainedValue() }
    }

    private func write(_ level: Int32, _ line: String) {
        let levels: [Logger.Level] = [.debug, .info, .warning, .error]
        let level = levels.indices.contains(Int(level)) ? levels[Int(level)] : .error
        logger.log(level: level, "thrift: \(line)", metadata: ["service": "\(service)"])
    }
}
