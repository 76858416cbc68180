internal import Dispatch
public import Platform

/// Gates for tests whose threads are not those of a `ThreadScheduler`. In a simulation nobody ever waits at one.
public struct DispatchGates: GateMaker {
    public init() {}

    public func makeGate() -> any Gate { DispatchGate() }
    public func makeLock(_ hold: LockHold) -> any Lock { DispatchLock() }
}

private final class DispatchGate: Gate {
    private let closed = DispatchGroup()

    init() { closed.enter() }
    func open() { closed.leave() }
    func wait() { closed.wait() }
}

private final class DispatchLock: Lock {
    private let free = DispatchSemaphore(value: 1)

    func lock() { free.wait() }
    func unlock() { free.signal() }
}
