import Foundation
import ServerFixtures

/// Asks again and again until there is a value. Nothing tells a test when another process has changed.
/// - Throws: `FixtureError` that names what did not happen; what `ask` throws ends the wait at once.
func eventually<Value>(
    _ what: String, within seconds: Double = 60, _ ask: () throws -> Value?
) throws -> Value {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
        if let value = try ask() { return value }
        guard Date() < deadline else { throw FixtureError("not within \(seconds) s: \(what)") }
        Thread.sleep(forTimeInterval: 0.02)
    }
}

/// As above, for a condition.
func eventually(_ what: String, within seconds: Double = 60, _ holds: () throws -> Bool) throws {
    let _: Bool = try eventually(what, within: seconds) { try holds() ? true : nil }
}
