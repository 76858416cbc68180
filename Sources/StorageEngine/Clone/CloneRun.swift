internal import Platform
internal import Synchronization
internal import TabletModel

/// One CLONE while it runs: its deadline, its progress, what it has copied. Thread-safe.
final class CloneRun: Sendable {
    let service: CloneService
    let request: CloneRequest
    let token: String
    private let began: MonotonicTime
    private let deadline: MonotonicTime
    private let copied = Atomic<Int64>(0)

    init(_ request: CloneRequest, token: String, service: CloneService) {
        self.service = service
        self.request = request
        self.token = token
        began = service.engine.environment.time.monotonicNow
        let seconds = request.timeoutSeconds > 0 ? request.timeoutSeconds : service.settings.defaultTimeoutSeconds
        deadline = began + .seconds(min(seconds, 1_000_000))
    }

    private var now: MonotonicTime { service.engine.environment.time.monotonicNow }

    /// Bytes of segments that this run fetched.
    var copiedBytes: Int64 { copied.load(ordering: .relaxed) }
    var elapsedMs: Int64 { (now - began).wholeMilliseconds }
    /// At least 1.
    var secondsLeft: Int64 { max(1, (deadline - now).wholeMilliseconds / 1000) }

    func check(source: String, file: String, offset: Int64 = 0) throws(CloneError) {
        guard now < deadline else {
            throw .deadline(request.tabletID, source: source, file: file, offset: offset)
        }
    }

    func count(bytes: Int) {
        copied.add(Int64(bytes), ordering: .relaxed)
        update { $0.bytesDone += Int64(bytes) }
    }

    func countFile() { update { $0.filesDone += 1 } }

    func update(_ change: (inout CloneProgress) -> Void) { service.board.update(request.tabletID, change) }
}
