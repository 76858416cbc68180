internal import Foundation
internal import Synchronization

/// What a person asks of a frontend, and waits for.
extension DorisFrontend {
    /// - Throws: `PeerTimeout` that names what did not happen, with the findings so far.
    public func wait(_ what: String, seconds: Double = 60, until holds: () -> Bool) throws {
        let deadline = Self.now + seconds
        while !holds() {
            guard Self.now < deadline else {
                throw PeerTimeout(
                    description: "not within \(seconds) s: \(what)\n" + findings.lines.joined(separator: "\n"))
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    public func waitForBackends() throws {
        try wait("heartbeats of all backends") { readyBackends.count == state.withLock { $0.backends.count } }
    }

    func isQueued(_ type: PeerTask, _ signature: Int64, on backend: Int64) -> Bool {
        let key = TaskKey(backend: backend, type: type.rawValue, signature: signature)
        return state.withLock { $0.queue[key] != nil }
    }

    // MARK: One task alone

    /// In no queue: whatever becomes of it, it is not sent again.
    public func sendOnce(_ task: WireRecord, to backend: Int64) {
        send([task], to: backend, because: Self.statement)
    }

    /// The first end that came under its signature.
    public func end(of task: WireRecord, on backend: Int64, seconds: Double = 20) throws -> WireRecord {
        let name = year.schema.name(task.number("task_type") ?? -1, of: "TTaskType")
        try wait("end of \(name) \(task.number("signature") ?? 0)", seconds: seconds) {
            !ends(of: task, on: backend).isEmpty
        }
        return ends(of: task, on: backend)[0]
    }

    public func ends(of task: WireRecord, on backend: Int64) -> [WireRecord] {
        let key = TaskKey(
            backend: backend, type: task.number("task_type") ?? -1, signature: task.number("signature") ?? 0)
        return state.withLock { $0.ends[key] ?? [] }
    }

    /// A member of the last report of a tablet.
    public func reported(_ member: String, of tablet: Int64, on backend: Int64) -> WireValue? {
        state.withLock { $0.replicas[tablet]?.first { $0.backend == backend }?.reported?[member] }
    }

    /// So many more heartbeats of each backend.
    public func waitForHeartbeats(_ more: Int) throws {
        let before = heartbeats
        try wait("\(more) heartbeats") { heartbeats >= before + more }
    }

    /// So many more tablet reports of each backend.
    public func waitForReports(_ more: Int, seconds: Double = 20) throws {
        let before = fewestReports("tablets")
        try wait("\(more) tablet reports", seconds: seconds) { fewestReports("tablets") >= before + more }
    }

    public func newSignature() -> Int64 { state.withLock { $0.newID() } }
}

/// What a test waited for did not happen.
public struct PeerTimeout: Error, CustomStringConvertible {
    public var description: String
}
