/// The configuration of the FE that is asked, as ADMIN SHOW FRONTEND CONFIG has it.
public protocol FrontendSettings: Sendable {
    /// By key.
    func settings() -> [FrontendSetting]
    /// - Throws: `MasterError`: unknown, not to be changed while it runs, no such value, can't be written.
    func set(_ key: String, to value: String, isPersisted: Bool) throws
}

public struct FrontendSetting: Hashable, Sendable {
    public var key: String
    /// `******` of a secret.
    public var value: String
    public var type: String
    /// Changes while the FE runs.
    public var isMutable: Bool
    public var comment: String

    public init(key: String, value: String, type: String, isMutable: Bool, comment: String) {
        self.key = key
        self.value = value
        self.type = type
        self.isMutable = isMutable
        self.comment = comment
    }
}
