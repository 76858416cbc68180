/// Opens once, and then lets everybody through: where threads wait for what another one does for all of them. Any thread.
public protocol Gate: AnyObject, Sendable {
    func open()
    /// Returns once it is open; at once if it is.
    func wait()
}

public protocol GateMaker: Sendable {
    func makeGate() -> any Gate
}
