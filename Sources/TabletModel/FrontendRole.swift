/// What an FE is registered as.
public enum FrontendRole: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// May become master.
    case follower = "FOLLOWER"
    /// Replays and answers reads, and never becomes master.
    case observer = "OBSERVER"

    public var description: String { rawValue }
}
