internal import BackendHTTP
internal import Dispatch
internal import Logging
internal import ServiceLifecycle
internal import StatusHTTP
internal import StorageEngine
internal import Synchronization

/// The download route of a backend on a real HTTP server, run from a command that is not async.
final class DownloadServer {
    let port: Int
    private let group: ServiceGroup
    private let ended: DispatchSemaphore

    init(_ snapshots: SnapshotService, token: String) throws {
        let pool = BlockingPool(threads: 8, queueLimit: 256)
        let routes = DownloadRoutes(snapshots: snapshots, pool: pool) { $0 == token }
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let start = Start()
        let service = HTTPService(
            routes: { routes.router() }, host: "127.0.0.1", port: 0, logger: logger,
            onListening: { start.settle(.success($0)) })
        let group = ServiceGroup(services: [service], logger: logger)
        let ended = DispatchSemaphore(value: 0)
        self.group = group
        self.ended = ended
        Task {
            do {
                try await group.run()
            } catch {
                start.settle(.failure(BenchError("the HTTP server did not start: \(error)")))
            }
            ended.signal()
        }
        port = try start.wait()
    }

    func stop() {
        Task { [group] in await group.triggerGracefulShutdown() }
        ended.wait()
    }

    /// The bound port, or why there is none.
    private final class Start: Sendable {
        private let isSettled = DispatchSemaphore(value: 0)
        private let outcome = Mutex<Result<Int, BenchError>>(.failure(BenchError("the HTTP server did not start")))

        func settle(_ result: Result<Int, BenchError>) {
            outcome.withLock { $0 = result }
            isSettled.signal()
        }

        func wait() throws -> Int {
            isSettled.wait()
            return try outcome.withLock { $0 }.get()
        }
    }
}
