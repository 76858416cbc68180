/// When rows with a policy cool from now on. One of the two is set, the other is taken off.
public struct AlterStoragePolicyRequest: Hashable, Sendable, Codable {
    /// Seconds after a rowset's newest write.
    public var cooldownTTLSeconds: Int64?
    /// Seconds since 1970: everything is due then.
    public var cooldownDatetimeSeconds: Int64?

    public init(cooldownTTLSeconds: Int64? = nil, cooldownDatetimeSeconds: Int64? = nil) {
        self.cooldownTTLSeconds = cooldownTTLSeconds
        self.cooldownDatetimeSeconds = cooldownDatetimeSeconds
    }
}
