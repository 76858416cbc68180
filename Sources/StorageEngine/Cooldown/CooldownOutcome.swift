/// What a run came to.
public enum CooldownOutcome: Hashable, Sendable {
    /// As uploader; the remote meta is written.
    case cooled(rowsets: Int, objects: Int, bytes: Int64)
    /// Nothing was due but the remote meta, which an earlier run or life left.
    case wroteRemoteMeta
    /// As follower; or as uploader, of what this replica itself had uploaded before its tablet was replaced by an older one.
    case followed(rowsets: Int)
    /// What it waits for passes by itself: look again at the next round.
    case waiting(CooldownWait.Reason)
    case nothing
    /// A conf change ended it, run again under the new conf; or the tablet was dropped.
    case aborted
    /// Another run, a conf change, a compaction or a clone has the tablet: try again.
    case busy
}
