/// One half of a move of a tablet between two data dirs of a backend, as the header in each of them tells it. The word of the
/// source decides: what arrives counts from the moment at which the source's header says that the tablet departed.
public struct TabletMove: Hashable, Sendable {
    public enum Stage: Int32, Hashable, Sendable {
        /// Counts only if another data dir has the tablet as departed in the same move.
        case arriving = 1
        /// The tablet is in another data dir; here are its remains.
        case departed = 2
    }

    /// Of this move alone.
    public var id: UniqueID
    public var stage: Stage
    /// Root path of the other data dir, for people.
    public var peer: String

    public init(id: UniqueID, stage: Stage, peer: String) {
        self.id = id
        self.stage = stage
        self.peer = peer
    }
}
