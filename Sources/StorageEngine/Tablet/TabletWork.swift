/// Long work on one tablet of which only one kind runs at a time, because two would throw each other's result away.
/// It does not guard correctness: each of them commits under a precondition and loses nothing to the other.
public enum TabletWork: String, Sendable {
    case compaction, clone, cooldown, alter, restore, migration
}

extension Tablet {
    /// Takes the tablet for long work; false while other work, or other work of the same kind, has it. Never waits. The
    /// holder calls `end` on every path out. A drop does not ask: the work meets a tablet that is not running any more.
    public func tryBegin(_ work: TabletWork) -> Bool {
        withState { state in
            guard state.work == nil else { return false }
            state.work = work
            return true
        }
    }

    public func end(_ work: TabletWork) {
        withState { state in
            precondition(state.work == work, "the end of \(work) on tablet \(id), which nobody began")
            state.work = nil
        }
    }

    /// What has the tablet now.
    public var currentWork: TabletWork? { withState { $0.work } }
}
