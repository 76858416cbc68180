public import AccessControl
public import SQLSessions

/// Who is there, and what they may. Any thread; asked before each statement, so that what changes holds at once.
public protocol SQLAccess: Sendable {
    /// - Returns: the user's name.
    /// - Throws: `SQLError.accessDenied` above all.
    func logIn(_ login: SQLLogin) throws -> String
    /// Whether a user has the right, or one that contains it: on a database, or (nil) on all of them.
    func may(_ user: String, _ right: Right, on database: String?) -> Bool
}

/// Users, as statements change them. Durable on return; every failure is a `MasterError` or an `SQLError`.
public protocol UserAdministration: Sendable {
    /// - Parameter password: nil: none, who may then only come from the FE's own machine.
    func createUser(_ name: String, password: String?) throws
    func dropUser(_ name: String) throws
    func setPassword(of name: String, to password: String) throws
    /// - Parameter database: nil: all of them.
    func grant(_ right: Right, on database: String?, to name: String) throws
    func revoke(_ right: Right, on database: String?, from name: String) throws
    /// By name.
    func users() throws -> [SQLUserView]
}

public struct SQLUserView: Hashable, Sendable {
    public var name: String
    public var hasPassword: Bool
    /// On all databases.
    public var right: Right?
    public var databases: [String: Right]

    public init(name: String, hasPassword: Bool, right: Right? = nil, databases: [String: Right] = [:]) {
        self.name = name
        self.hasPassword = hasPassword
        self.right = right
        self.databases = databases
    }
}
