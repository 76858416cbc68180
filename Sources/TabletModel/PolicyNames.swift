// A tablet's header names its storage policy by a text: the policy's name, or, from an FE of 2026 that names policies by id,
// the id in digits. A name never begins with a digit, so the two are never taken for each other.

extension PushedPolicy {
    /// What a tablet's header says for a policy of this id.
    public static func key(_ id: Int64) -> String { String(id) }
    public var key: String { Self.key(id) }
}

extension CreateTabletRequest {
    /// What the new tablet's header says; empty: it has no policy.
    public var policyKey: String {
        if let storagePolicyID, storagePolicyID > 0 { return PushedPolicy.key(storagePolicyID) }
        return storagePolicy
    }
}

extension TabletMetaUpdate {
    /// What the tablet's header shall say; empty: it does not cool any longer; nil: as it was.
    public var policyKey: String? {
        if removesStoragePolicy { return "" }
        if let storagePolicyID { return storagePolicyID > 0 ? PushedPolicy.key(storagePolicyID) : "" }
        return storagePolicy.flatMap { $0.isEmpty ? nil : $0 }
    }
}
