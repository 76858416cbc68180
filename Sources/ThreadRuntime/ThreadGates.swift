internal import NativeThreads
public import Platform

/// Gates that threads sleep at: all who wait are woken at once.
public struct ThreadGates: GateMaker {
    public init() {}

    public func makeGate() -> any Gate { MonitorGate() }
}

private final class MonitorGate: Gate {
    private let isOpen = Monitor(false)

    func open() { isOpen.update { $0 = true } }
    func wait() { isOpen.wait { $0 ? () : nil } }
}
