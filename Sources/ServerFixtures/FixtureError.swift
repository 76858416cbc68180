/// A server of the tests that can't run. The message says what to do.
public struct FixtureError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}
