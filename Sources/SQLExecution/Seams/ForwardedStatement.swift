public import SQLSessions

/// A statement that goes on to the master. There the user's rights are looked at again.
public struct ForwardedStatement: Sendable {
    public var user: String
    /// The session's current one.
    public var database: String?
    /// With its secrets: it is for no log.
    public var text: [UInt8]
    /// Throws once nobody waits for the answer any more: on both sides of the line it is asked now and then. It does not travel.
    public var checkWanted: @Sendable () throws -> Void

    public init(
        user: String, database: String?, text: [UInt8], checkWanted: @escaping @Sendable () throws -> Void = {}
    ) {
        self.user = user
        self.database = database
        self.text = text
        self.checkWanted = checkWanted
    }
}

/// This FE's line to the master. Blocking: the answer comes when this FE has replayed what was changed.
/// - Throws: `SQLError` of the master; `MasterAway` when it gave none.
public typealias MasterForward = @Sendable (ForwardedStatement) throws -> SQLReply

/// Nobody leads, or the master gives no answer, and why: what only reads is answered from what this FE has replayed.
public struct MasterAway: Error, Sendable {
    public var reason: String

    public init(reason: String) { self.reason = reason }
}
