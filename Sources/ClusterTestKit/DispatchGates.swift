internal import Dispatch
public import Platform

/// Gates for tests whose threads are not those of a `ThreadScheduler`. In a simulation nobody ever waits at one.
public struct DispatchGates: GateMaker {
    public init() {}

    public func makeGate() -> any Gate { DispatchGate() }
}

private final class DispatchGate: Gate {
    private let closed = DispatchGroup()

    init() { closed.enter() }
    func open() { closed.leave() }
    func wait() { closed.wait() }
}
