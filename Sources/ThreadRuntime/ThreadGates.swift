internal import NativeThreads
public import Platform

/// Gates that threads sleep at.
public struct ThreadGates: GateMaker {
    public init() {}

    public func makeGate() -> any Gate { LatchGate() }
}

private final class LatchGate: Gate {
    private let latch = Latch()

    func open() { latch.open() }
    func wait() { latch.wait() }
}
