internal import NativeThreads
public import Platform

/// Gates that threads sleep at, and locks of the system.
public struct ThreadGates: GateMaker {
    public init() {}

    public func makeGate() -> any Gate { LatchGate() }
    public func makeLock(_ hold: LockHold) -> any Lock { SystemLock(NativeLock(spins: hold == .briefly)) }
}

private final class LatchGate: Gate {
    private let latch = Latch()

    func open() { latch.open() }
    func wait() { latch.wait() }
}

private final class SystemLock: Lock {
    private let native: NativeLock

    init(_ native: NativeLock) { self.native = native }
    func lock() { native.lock() }
    func unlock() { native.unlock() }
}
