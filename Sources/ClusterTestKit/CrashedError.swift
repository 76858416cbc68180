/// The simulated machine went down at this operation; whatever holds the throwing object must be built anew.
///
/// Code under test treats it as any I/O error. The harness sees `FaultPlan.hasCrashed`, drops the node and restarts it
/// from what the memory file system and the memory stores kept.
public struct CrashedError: Error, Hashable, Sendable, CustomStringConvertible {
    public var operation: String
    public init(operation: String) { self.operation = operation }
    public var description: String { "\(operation): the simulated machine has crashed" }
}
