internal import Synchronization

/// How far loading has come. Thread-safe.
final class LoadingState: Sendable {
    private struct State {
        var dirsLeft: Int
        /// Dirs whose tablets are not counted yet.
        var uncounted: Set<String>
        var begun: Set<String> = []
        var total = 0
        var isFinished = false
    }

    private let state: Mutex<State>
    private let loaded = Atomic<Int>(0)

    init(dirs: [String]) { state = Mutex(State(dirsLeft: dirs.count, uncounted: Set(dirs))) }

    /// False when the dir was begun before.
    func begin(_ dir: String) -> Bool { state.withLock { $0.begun.insert(dir).inserted } }

    /// So many tablets are in the dir.
    func counted(_ tablets: Int, in dir: String) {
        state.withLock { state in
            state.total += tablets
            state.uncounted.remove(dir)
        }
    }

    func loaded(_ tablets: Int) { loaded.add(tablets, ordering: .relaxed) }

    /// - Returns: it was the last: the caller does what all dirs are needed for, then calls `finish`.
    func finishDir(_ dir: String) -> Bool {
        state.withLock { state in
            state.uncounted.remove(dir)
            state.dirsLeft -= 1
            return state.dirsLeft == 0
        }
    }

    func finish() { state.withLock { $0.isFinished = true } }

    var isLoaded: Bool { state.withLock { $0.isFinished } }

    var progress: StartupProgress {
        let (isLoaded, total) = state.withLock { ($0.isFinished, $0.uncounted.isEmpty ? $0.total : nil) }
        return StartupProgress(
            isLoaded: isLoaded, loadedTablets: loaded.load(ordering: .relaxed), totalTablets: total)
    }
}
