/// Somebody who has shown who they are, and what they may do.
public struct Caller: Hashable, Sendable {
    public var name: String
    public var grants: Grants

    public init(name: String, grants: Grants) {
        self.name = name
        self.grants = grants
    }

    /// - Parameter database: nil asks for the right on all of them.
    public func may(_ right: Right, on database: String?) -> Bool { grants.allow(right, on: database) }
}
