import CThrift
import Dispatch
import Glibc
import ServerFixtures
import Synchronization

@testable import ThriftRPC

func array(_ text: wire.Text) -> [UInt8] {
    let count = Int(text.size())
    return count == 0 ? [] : Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(wire.bytesOf(text)), count: count))
}

func text(_ bytes: [UInt8]) -> wire.Text {
    bytes.withUnsafeBytes { wire.makeText($0.bindMemory(to: CChar.self).baseAddress, $0.count) }
}

func wait(for what: String, _ condition: () -> Bool) throws {
    let end = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < end else { throw FixtureError("waited in vain for \(what)") }
        usleep(2000)
    }
}

/// Runs the peer's side on a thread of its own; `body` may ask for its result, which waits for its end.
func withPeer<Value: Sendable>(
    _ peer: @escaping @Sendable () throws -> Value, _ body: (() throws -> Value) throws -> Void
) throws {
    let outcome = Outcome<Value>()
    let done = DispatchSemaphore(value: 0)
    DispatchQueue(label: "peer").async {
        outcome.value.withLock { $0 = Result { try peer() } }
        done.signal()
    }
    try body {
        done.wait()
        done.signal()
        guard let value = outcome.value.withLock({ $0 }) else { throw FixtureError("no result") }
        return try value.get()
    }
}

private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
}
