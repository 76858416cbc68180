internal import CRocksDB
internal import Logging

/// Where RocksDB's warnings and errors go: to the daemon's log. Without a logger they go nowhere, and never to a file beside
/// the store: see `tabletd_rocksdb_set_logger`.
final class RocksDBLog: Sendable {
    private static let warning: Int32 = 2
    private let logger: Logger?

    init(_ logger: Logger?) { self.logger = logger }

    /// The options and the stores opened with them keep this object alive.
    func install(in options: OpaquePointer?) {
        let context = Unmanaged.passRetained(self).toOpaque()
        let isInstalled = tabletd_rocksdb_set_logger(
            options, Self.warning, context,
            { context, level, text in
                guard let context, let text else { return }
                let log = Unmanaged<RocksDBLog>.fromOpaque(context).takeUnretainedValue()
                log.take(level: level, String(cString: text))
            },
            { context in
                guard let context else { return }
                Unmanaged<RocksDBLog>.fromOpaque(context).release()
            })
        if !isInstalled { logger?.error("no memory for RocksDB's log: it writes a file LOG beside its store") }
    }

    private func take(level: Int32, _ text: String) {
        let message = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        logger?.log(
            level: level > Self.warning ? .error : .warning, "RocksDB says", metadata: ["text": "\(message)"])
    }
}
