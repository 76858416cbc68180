internal import Synchronization

/// How far loading has come. Thread-safe.
final class LoadingState: Sendable {
    private struct State {
        var dirsLeft: Int
        var dirsUncounted: Int
        var begun: Set<String> = []
        var total = 0
        var isFinished = false
    }

    private let state: Mutex<State>
    private let loaded = Atomic<Int>(0)

    init(dirCount: Int) { state = Mutex(State(dirsLeft: dirCount, dirsUncounted: dirCount)) }

    /// False when the dir was begun before.
    func begin(_ dir: String) -> Bool { state.withLock { $0.begun.insert(dir).inserted } }

    func counted(_ tablets: Int) {
        state.withLock { state in
            state.total += tablets
            state.dirsUncounted -= 1
        }
    }

    func loadedOne() { loaded.add(1, ordering: .relaxed) }

    /// - Returns: it was the last: the caller does what all dirs are needed for, then calls `finish`.
    func finishDir(counted: Bool) -> Bool {
        state.withLock { state in
            if !counted { state.dirsUncounted -= 1 }
            state.dirsLeft -= 1
            return state.dirsLeft == 0
        }
    }

    func finish() { state.withLock { $0.isFinished = true } }

    var isLoaded: Bool { state.withLock { $0.isFinished } }

    var progress: StartupProgress {
        let (isLoaded, total) = state.withLock { ($0.isFinished, $0.dirsUncounted == 0 ? $0.total : nil) }
        return StartupProgress(
            isLoaded: isLoaded, loadedTablets: loaded.load(ordering: .relaxed), totalTablets: total)
    }
}
