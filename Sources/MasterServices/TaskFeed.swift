internal import AgentTasks
internal import ClusterMetadata

/// Hands out the tasks of a large job a piece at a time, as fast as backends end what they have: no queue holds a task for each
/// tablet of a large table.
public struct TaskFeed: Sendable {
    /// Unfinished tasks of one backend, beyond which no more come. A dead backend holds nobody up.
    static let backlogLimit = 20_000
    static let pause = Duration.milliseconds(20)

    private let environment: MasterEnvironment
    private let pieces: Int
    private let isWanted: @Sendable () -> Bool
    private let send: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - isWanted: asked before each piece; false ends the feed.
    ///   - send: gives the dispatcher the tasks of a piece, some hundreds.
    public init(
        _ environment: MasterEnvironment, pieces: Int, while isWanted: @escaping @Sendable () -> Bool = { true },
        send: @escaping @Sendable (Int) -> Void
    ) {
        self.environment = environment
        self.pieces = pieces
        self.isWanted = isWanted
        self.send = send
    }

    /// Sends what it may at once, on the caller's thread, and the rest later.
    public func start() { goOn(from: 0) }

    private func goOn(from first: Int) {
        for piece in first..<pieces {
            guard isWanted() else { return }
            guard mayGoOn else {
                environment.after(Self.pause) { goOn(from: piece) }
                return
            }
            send(piece)
        }
    }

    private var mayGoOn: Bool {
        guard environment.tasks.count > Self.backlogLimit else { return true }
        let alive = environment.store.read { state in state.backends.map(\.id).filter { state.isAlive($0) } }
        return alive.allSatisfy { environment.tasks.count(of: $0) <= Self.backlogLimit }
    }
}
