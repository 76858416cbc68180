public import FrontendElection

/// What an FE does when it comes to lead, and when that ends. `ElectionRunner` makes one call after the other, on one thread; they
/// may block.
public protocol TermKeeper: Sendable {
    /// Takes over all that stands in the log, whose end nobody but this FE can move now.
    func replay(_ fence: Fence) throws -> (replayed: Int64, logEnd: Int64)
    /// Journals the new epoch under the fence, and makes ready to act.
    func promote(_ fence: Fence) throws
    /// Begins what a master does: `ElectionRunner.mayAct` says from now on whether it may.
    func act(_ fence: Fence)
    /// Ends everything that was begun under the fence, however far that came. On return nothing of it runs any more.
    func stop(_ fence: Fence)
}
