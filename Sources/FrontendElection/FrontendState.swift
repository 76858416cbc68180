internal import TabletModel

/// What an FE does now.
public enum FrontendState: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// No leader is known.
    case unknown = "UNKNOWN"
    case follower = "FOLLOWER"
    case observer = "OBSERVER"
    case master = "MASTER"

    public var description: String { rawValue }

    /// Of an FE that follows a leader.
    init(following role: FrontendRole) { self = role == .follower ? .follower : .observer }
}

/// One for the log.
public struct StateTransition: Hashable, Sendable, CustomStringConvertible {
    public var from: FrontendState
    public var to: FrontendState
    public var reason: String

    /// As Doris says it.
    public var description: String { "transfer from \(from) to \(to)" }
}
