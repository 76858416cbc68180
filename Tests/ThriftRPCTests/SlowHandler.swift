import Dispatch
import Platform
import TabletModel

/// Answers once the test lets it.
final class SlowHandler: HeartbeatHandler {
    private let called = DispatchSemaphore(value: 0)
    private let go = DispatchSemaphore(value: 0)

    func waitUntilCalled() { called.wait() }
    func letGo() { go.signal() }

    func heartbeat(_ master: MasterInfo, from caller: CallerHost) -> HeartbeatReply {
        called.signal()
        go.wait()
        return HeartbeatReply(status: .ok)
    }
}
