internal import StorageEngine
public import TabletModel

/// Why a task failed, as the FE gets to see it in `finishTask`.
public struct TaskError: Error, Hashable, Sendable, CustomStringConvertible {
    public var status: RPCStatus

    /// - Precondition: `code` is not OK.
    public init(_ code: StatusCode, _ message: String) {
        precondition(code != .ok)
        self.status = RPCStatus(code, message)
    }

    /// - Precondition: the status is not OK.
    public init(_ status: RPCStatus) {
        precondition(!status.isOK)
        self.status = status
    }

    /// Whatever was thrown on the way. What neither the engine nor its seams throw is INTERNAL_ERROR, as a Doris BE answers
    /// for its own engine codes (`contract/wire.md` §3).
    public init(_ error: any Error) { self = error as? TaskError ?? TaskError(RPCStatus(describing: error)) }

    public var description: String { status.description }
}
